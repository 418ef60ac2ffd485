// thing-names — what operators ask for by its number, in Chinese: `key key_1 of partner demo` is 企业 demo 的密钥 key_1.

const names: Record<string, string> = {
  agency: '主管部门',
  answer: '应答',
  attachment: '附件',
  certificate: '证书',
  'dead letter': '死信',
  'held answer': '待定回执',
  hold: '法务保全',
  'identity provider': '身份提供方',
  key: '密钥',
  message: '报文',
  operator: '运维账号',
  orphan: '无主回执',
  partner: '企业',
  receipt: '回执',
  session: '会话',
  'shared key': '编号冲突',
  submission: '申报',
  'waiting act': '待复核操作',
  webhook: '回调',
}
const byLength = Object.keys(names).sort((a, b) => b.length - a.length)

/** The same in Chinese; what begins with none of the names stays as it is. */
export function thingInChinese(what: string): string {
  const [thing, owner] = what.split(/ of (?=partner |receipt )/)
  return owner === undefined ? one(what) : `${one(owner)} 的${one(thing!)}`
}

function one(what: string): string {
  const name = byLength.find((name) => what === name || what.startsWith(`${name} `))
  return name === undefined ? what : `${names[name]}${what.slice(name.length)}`
}
