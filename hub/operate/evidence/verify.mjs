// Verifies the evidence in this folder without the hub and without any package: node verify.mjs [public keys of the
// hub, PEM, one after another in a file [certificates of the time-stamp authority, PEM]]
// 不依赖本系统即可验证本证据包：node verify.mjs [本系统公钥 PEM 文件，可含多个公钥 [时间戳 CA 证书 PEM 文件]]
import { createHash, createPublicKey, verify, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const file = (name) => readFileSync(join(here, name))
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex')
const faults = []
const fault = (en, zh) => faults.push(`${en} ${zh}`)
const proof = JSON.parse(file('proof.json'))

// 1. The files are those whose hashes the facts hold. 文件与事实中的摘要一致
const newest = (kind, id) => proof.facts.filter((one) => one.kind === kind && one.id === id).at(-1)
for (const { name, kind, id, piece, column } of proof.files) {
  const fact = newest(kind, id)
  if (!fact) {
    fault(`${name}: no fact speaks of it.`, '没有对应的事实。')
    continue
  }
  if (kind === 'bytes') {
    const [sums] = JSON.parse(fact.now)
    const known = piece.split('.').reduce((value, key) => value?.[key], JSON.parse(sums))
    if (known !== sha256(file(name)))
      fault(`${name}: these are not the bytes that were recorded.`, '不是当时记录的字节。')
  } else if (kind === 'reply') {
    if (JSON.parse(fact.fixed)[column] !== sha256(file(name)))
      fault(`${name}: not what the agency answered.`, '不是主管部门的原始回执。')
  } else if (JSON.parse(fact.fixed)[column] !== file(name).toString())
    fault(`${name}: this is not the receipt that was recorded.`, '不是当时记录的回执。')
}

// 2. Each fact's hash is that of its content, and stands in its link. 每项事实的摘要正确，且在其链节中
for (const { kind, id, fixed, now, hash, link, position } of proof.facts) {
  if (sha256(JSON.stringify([kind, id, fixed, now])) !== hash)
    fault(`${kind} ${id}: the fact was changed.`, '事实被改动。')
  if (proof.items[link]?.[position] !== hash) fault(`${kind} ${id}: it is not in link ${link}.`, '不在该链节中。')
}

// 3. Each way leads through the chain to a head. 链节首尾相连直至签名的链头
const reached = new Map()
const proven = new Set()
for (const { before, links } of proof.ways) {
  let last = before
  for (const { n, at, root, hash } of links) {
    if (sha256(`${last}\n${n}\n${at}\n${root}`) !== hash) fault(`link ${n}: its hash is wrong.`, '链节摘要错误。')
    if (proof.items[n]) {
      if (sha256(proof.items[n].join('\n')) !== root) fault(`link ${n}: its facts were changed.`, '链节内容被改动。')
      proven.add(n)
    }
    reached.set(n, hash)
    last = hash
  }
}
for (const { link } of proof.facts) if (!proven.has(link)) fault(`link ${link} is missing.`, '链节缺失。')

// 4. The heads are signed by the hub's key; where several hubs work together, each may have its own. 链头由本系统密钥签名
const pem = (process.argv[2] ? readFileSync(process.argv[2]) : file('hub-key.pem')).toString()
const keys = (pem.match(/-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g) ?? []).map((one) =>
  createPublicKey(one),
)
const used = new Set()
for (const { n, hash, at, signature } of proof.heads) {
  const text = `singlewindow hub proof head 1\nlink ${n}\nhash ${hash}\nat ${at}\n`
  if (text !== file(`heads/${n}.txt`).toString())
    fault(`heads/${n}.txt is not the head of the proof.`, '链头文件不符。')
  const by = keys.find((key) => verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64')))
  if (by) used.add(by)
  else fault(`head ${n}: the signature is wrong.`, '签名错误。')
  if (reached.get(n) !== hash) fault(`head ${n}: the chain does not lead to it.`, '链条未通向该链头。')
}
// 5. A time stamp is of the signature of its head. 时间戳对应链头签名
const stamps = []
const authorities = (process.argv[3] ? readFileSync(process.argv[3]).toString() : '').match(
  /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g,
)
for (const { n, signature, timeStamp } of proof.heads.filter((head) => head.timeStamp)) {
  try {
    const { verifyTimeStamp } = await import('./time-stamp.mjs')
    const trusted = { authorities: (authorities ?? []).map((one) => new X509Certificate(one)) }
    stamps.push({ n, ...verifyTimeStamp(file(timeStamp), Buffer.from(signature, 'base64'), trusted) })
  } catch (error) {
    fault(`head ${n}: its time stamp is wrong (${error.message}).`, '时间戳无效。')
  }
}
for (const { links } of proof.ways)
  if (!proof.heads.some(({ n }) => n === links.at(-1).n)) fault(`link ${links.at(-1).n} is not signed.`, '链节未签名。')
if (proof.facts.length === 0) fault('There is no fact.', '没有事实。')

if (faults.length > 0) {
  console.log(`NOT PROVEN 未通过验证\n  ${faults.join('\n  ')}`)
  process.exit(1)
}
console.log(
  `PROVEN 通过验证: message ${proof.messageId}, ${proof.facts.length} facts, ${proof.files.length} ` +
    `files, ${proof.heads.length} signed heads`,
)
for (const key of used) console.log(`key 密钥 ${sha256(key.export({ type: 'spki', format: 'der' }))}`)
for (const { n, time, by, fingerprint } of stamps)
  console.log(`time stamp 时间戳 ${time.toISOString()} (head ${n}), ${by}, ${fingerprint}`)
console.log(
  'Compare the key with the one the operator of the hub has published. 请与本系统运维人员公布的密钥指纹核对。',
)
