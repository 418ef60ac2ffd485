// not-the-agency — what comes back over HTTP when it is not the agency that answers: word for word, as such machines
// write it.

export interface Foreign {
  what: string
  status: number
  headers: Record<string, string>
  body: string
  /** Breaks off after this many bytes of the body, which was announced whole. */
  cutAt?: number
}

const html = { 'content-type': 'text/html; charset=utf-8' }
const json = { 'content-type': 'application/json' }
const xml = { 'content-type': 'application/xml' }
const receipt =
  '<?xml version="1.0" encoding="UTF-8"?><DecImportResponse><ResponseCode>0</ResponseCode>' +
  '<ErrorMessage>ok</ErrorMessage><ClientSeqNo>T1</ClientSeqNo><SeqNo>I20260000000000001</SeqNo>' +
  '</DecImportResponse>'

export const foreignAnswers: Foreign[] = [
  {
    what: 'a firewall’s block page with 200',
    status: 200,
    headers: html,
    body: '<!DOCTYPE html><html><head><title>访问被拦截</title></head><body>您的请求已被防火墙拦截 Incident 7f3a</body></html>',
  },
  {
    what: 'the same page called XML',
    status: 200,
    headers: xml,
    body: '<html xmlns="http://www.w3.org/1999/xhtml"><body>Request Rejected. Support ID: 1234</body></html>',
  },
  { what: 'a WAF’s 403', status: 403, headers: html, body: '<html><body><h1>403 Forbidden</h1></body></html>' },
  {
    what: 'a WAF’s 403 in plain text',
    status: 403,
    headers: { 'content-type': 'text/plain' },
    body: 'RBAC: access denied',
  },
  { what: 'a WAF’s 406', status: 406, headers: html, body: '<html><body>Not Acceptable! Mod_Security</body></html>' },
  {
    what: 'a gateway’s 404',
    status: 404,
    headers: html,
    body: '<html><body><h1>404 Not Found</h1>nginx</body></html>',
  },
  { what: 'a router’s 404', status: 404, headers: { 'content-type': 'text/plain' }, body: 'default backend - 404' },
  {
    what: 'a gateway’s 404 as JSON',
    status: 404,
    headers: json,
    body: '{"message":"no Route matched with those values"}',
  },
  { what: 'a gateway’s 400', status: 400, headers: html, body: '<html><body>400 Bad Request</body></html>' },
  {
    what: 'a gateway’s 400 in plain text',
    status: 400,
    headers: { 'content-type': 'text/plain' },
    body: '400 Bad Request',
  },
  { what: 'a 400 with nothing', status: 400, headers: {}, body: '' },
  { what: 'a proxy’s 405', status: 405, headers: html, body: '<html><body>405 Not Allowed</body></html>' },
  {
    what: 'a gateway’s 413',
    status: 413,
    headers: html,
    body: '<html><body>413 Request Entity Too Large</body></html>',
  },
  { what: 'a gateway’s 502', status: 502, headers: html, body: '<html><body>502 Bad Gateway</body></html>' },
  {
    what: 'a gateway that lost the agency behind it',
    status: 503,
    headers: { 'content-type': 'text/plain' },
    body: 'upstream connect error or disconnect/reset before headers. reset reason: connection termination',
  },
  { what: 'a maintenance page', status: 503, headers: html, body: '<html><body>系统维护中</body></html>' },
  { what: 'a gateway’s 504', status: 504, headers: html, body: '<html><body>504 Gateway Time-out</body></html>' },
  { what: '200 with nothing', status: 200, headers: { 'content-length': '0' }, body: '' },
  { what: '200 with blanks', status: 200, headers: xml, body: ' \r\n ' },
  {
    what: 'a login page',
    status: 200,
    headers: html,
    body: '<html><form action="/login"><input name="password"></form></html>',
  },
  { what: 'a login page with 401', status: 401, headers: html, body: '<html><form action="/sso"></form></html>' },
  {
    what: 'a captive portal',
    status: 302,
    headers: { location: 'http://portal.example/login' },
    body: '',
  },
  {
    what: 'a redirect that may have been followed by taking it',
    status: 303,
    headers: { location: '/done' },
    body: '',
  },
  { what: 'a redirect to another address', status: 307, headers: { location: 'https://other.example/' }, body: '' },
  {
    what: 'a proxy’s error as JSON with 200',
    status: 200,
    headers: json,
    body: '{"error":"upstream timeout","code":0}',
  },
  { what: 'a proxy’s error as JSON', status: 422, headers: json, body: '{"detail":"Unprocessable"}' },
  { what: 'an API gateway’s throttle', status: 429, headers: json, body: '{"message":"API rate limit exceeded"}' },
  { what: 'a receipt under a wrong media type', status: 200, headers: html, body: receipt },
  { what: 'a receipt under no media type', status: 200, headers: {}, body: receipt },
  { what: 'half a receipt', status: 200, headers: xml, body: receipt.slice(0, 120) },
  { what: 'XML the hub does not know', status: 200, headers: xml, body: '<Error><Code>AccessDenied</Code></Error>' },
  {
    what: 'a fault of a service bus',
    status: 500,
    headers: xml,
    body: '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault/></s:Body></s:Envelope>',
  },
  { what: 'a page in a taken status', status: 202, headers: html, body: '<html><body>OK</body></html>' },
  { what: 'plain words in a taken status', status: 200, headers: { 'content-type': 'text/plain' }, body: 'OK' },
  { what: 'a receipt cut off', status: 200, headers: xml, body: receipt, cutAt: 60 },
  {
    what: 'a refusal cut off',
    status: 422,
    headers: { 'content-type': 'text/plain' },
    body: '编号重复，不予接收',
    cutAt: 9,
  },
  {
    what: 'a busy answer cut off',
    status: 503,
    headers: { 'content-type': 'text/plain' },
    body: 'please wait',
    cutAt: 3,
  },
]

/** The answer on the wire. */
export function onTheWire({ status, headers, body, cutAt }: Foreign): Buffer {
  const bytes = Buffer.from(body)
  const head = [
    `HTTP/1.1 ${status} X`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(headers['content-length'] === undefined ? [`content-length: ${bytes.length}`] : []),
    'connection: close',
  ]
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), bytes.subarray(0, cutAt ?? bytes.length)])
}
