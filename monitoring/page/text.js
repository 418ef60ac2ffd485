// text — every word of the page in two languages.
const words = {
  title: ['单一窗口报文交换', 'Single Window hub'],
  overview: ['总览', 'Overview'],
  attention: ['待处理', 'To act on'],
  partners: ['企业', 'Partners'],
  tail: ['实时', 'Live'],
  audit: ['操作记录', 'Audit'],
  notices: ['通知', 'Notices'],
  queues: ['队列内部', 'Inside the queues'],
  search: ['查单号、提单号、报文编号…', 'Any number: reference, bill, id …'],
  nothing: ['没有', 'Nothing here'],
  notAll: [
    '以下仅列 {n} 条，处理后其余依次出现。',
    'Only {n} are listed here; the others follow as these are dealt with.',
  ],
  loading: ['读取中…', 'Loading …'],
  gone: ['未找到，可能已处理。', 'Not found; perhaps it was dealt with.'],
  flowing: ['一切正常', 'Everything is flowing'],
  attentionHealth: ['有事项需要处理', 'Something needs a person'],
  stuck: ['有队列不动', 'A queue does not move'],
  lost: ['与系统的连接已断，显示的是旧数据', 'The connection is lost; what you see is old'],
  waitingIn: ['个主管部门有积压', 'agencies have work waiting'],
  allEmpty: ['没有积压。', 'Nothing waits.'],
  certificateEnds: ['证书（{subject}）还有 {n} 天到期', 'The certificate ({subject}) ends in {n} days'],
  certificateOver: ['证书（{subject}）已过期', 'The certificate ({subject}) has expired'],
  certificateTrouble: [
    '新的服务器证书文件无法使用，仍在使用旧证书（{subject}），原因见日志',
    'The new certificate files cannot be used; the old one ({subject}) is served. The log has the reason',
  ],
  since: ['运行自', 'up since'],
  accepted: ['已接收', 'accepted'],
  submitted: ['已送达', 'submitted'],
  processing: ['处理中', 'processing'],
  approved: ['已审结', 'approved'],
  released: ['已放行', 'released'],
  rejected: ['退单', 'rejected'],
  failed: ['失败', 'failed'],
  queued: ['排队中', 'queued'],
  submitting: ['发送中', 'sending'],
  retry: ['稍后再试', 'again later'],
  notice: ['通知', 'Notice'],
  agency: ['主管部门', 'Agency'],
  state: ['状态', 'State'],
  waiting: ['等待', 'Waiting'],
  oldest: ['最久', 'Oldest'],
  sending: ['发送中', 'Sending'],
  inRate: ['进/分', 'In/min'],
  outRate: ['出/分', 'Out/min'],
  failures: ['失败(6时)', 'Failed (6 h)'],
  lastHours: ['近 6 小时', 'Last 6 hours'],
  held: ['暂缓', 'Held'],
  unclear: ['不明', 'Unclear'],
  dead: ['死信', 'Dead'],
  overdue: ['回执逾期', 'Overdue'],
  orphans: ['无主回执', 'Orphans'],
  undelivered: ['未送达', 'Undelivered'],
  open: ['畅通', 'open'],
  paused: ['已暂停', 'paused'],
  window: ['维护窗口', 'maintenance'],
  broken: ['熔断', 'breaker open'],
  busy: ['对方要求稍候', 'asked to wait'],
  probing: ['试探中', 'probing'],
  unworked: ['无进程发送', 'no process sends'],
  unserved: ['目录中已无', 'not served any more'],
  pause: ['暂停', 'Pause'],
  resume: ['恢复', 'Resume'],
  in: ['接收', 'Taken'],
  refused: ['拒收', 'Refused'],
  out: ['送达', 'Delivered'],
  receipts: ['业务回执', 'Business receipts'],
  perMinute: ['每分钟', 'a minute'],
  partner: ['企业', 'Partner'],
  lastSeen: ['最近报文', 'Last seen'],
  refusedShare: ['拒收率(6时)', 'Refused (6 h)'],
  messages: ['报文', 'Messages'],
  name: ['名称', 'Name'],
  disabled: ['已停用', 'disabled'],
  reference: ['编号', 'Reference'],
  agencyReference: ['主管部门编号', 'The agency’s reference'],
  messageId: ['报文编号', 'Message id'],
  submissionId: ['提交编号', 'Submission id'],
  operation: ['业务', 'Operation'],
  document: ['报文类型', 'Document'],
  received: ['接收时间', 'Received'],
  channel: ['通道', 'Channel'],
  when: ['时间', 'When'],
  reason: ['原因', 'Reason'],
  code: ['代码', 'Code'],
  who: ['操作人', 'Who'],
  action: ['操作', 'Action'],
  target: ['对象', 'On'],
  size: ['大小', 'Size'],
  subscribers: ['已告知', 'Told'],
  replay: ['重发', 'Replay'],
  giveUp: ['放弃', 'Give up'],
  close: ['关闭', 'Close'],
  taken: ['对方已收', 'They have it'],
  resend: ['再发一次', 'Send again'],
  send: ['放行', 'Let it go'],
  match: ['认领', 'Match'],
  drop: ['忽略', 'Drop'],
  why: ['为什么？（记入操作记录）', 'Why? (kept in the audit)'],
  whose: ['属于哪个提交编号 (sub_…)？', 'Which submission (sub_…)?'],
  cancel: ['取消', 'Cancel'],
  confirm: ['确定', 'Confirm'],
  done: ['已完成', 'Done'],
  results: ['条结果', 'found'],
  newestOnly: ['只列最新的这些，号码更确切则更少。', 'Only these newest are listed; a more exact number finds fewer.'],
  timeline: ['经过', 'What happened'],
  bytes: ['原文', 'Bytes as received'],
  archived: ['原文已归档', 'Bytes are in the archive'],
  deleted: ['原文已按保存期限删除', 'Bytes deleted: beyond their days'],
  faults: ['错误', 'Faults'],
  attempt: ['第 {n} 次发送', 'Attempt {n}'],
  receivedBy: ['经 {channel} 接收', 'Received over {channel}'],
  technical: ['技术回执', 'Technical receipt'],
  business: ['业务回执', 'Business receipt'],
  awaited: ['等待回执，期限', 'Answer awaited by'],
  repeats: ['重复收到', 'Came again'],
  times: ['次', 'times'],
  attachments: ['附件', 'Attachments'],
  notThere: ['未送达', 'did not come'],
  body: ['回执原文', 'Receipt, verbatim'],
  returnedBy: ['已交付企业', 'Given to the partner'],
  notReturned: ['未交付企业', 'Not given to the partner yet'],
  deadText: [
    '多次发送失败或被对方拒收。查明原因后重发，或放弃。',
    'Given up, or turned away at the door. Find out why, then replay or leave it.',
  ],
  unclearText: [
    '已发出但未见应答。先向主管部门核实：误判会重复申报。',
    'Sent, no answer seen. Ask the agency first: a wrong guess files twice.',
  ],
  heldText: ['其原始报文被退回。', 'Their originals were refused.'],
  overdueText: ['主管部门未在期限内回执。', 'The agency has not answered in time.'],
  heldAnswers: ['待定回执', 'Answers on hold'],
  heldAnswersText: [
    '尚不能确定是否属于本中心的报文：该主管部门还有结果不明的提交。',
    'It is not known yet whether they are of ours: submissions to that agency are still in doubt.',
  ],
  notOurs: ['不属于本中心', 'Not ours'],
  notOursWarns: [
    '将作为通知告知订阅者，或列为无主回执。',
    'It becomes a notice for those who subscribed, or an orphan.',
  ],
  sharedKeys: ['编号冲突', 'Shared numbers'],
  sharedKeysText: [
    '两家企业在同一主管部门使用了相同编号，请核实。',
    'Two partners have the same number under way at one agency. Look into it.',
  ],
  lookedInto: ['已核实', 'Looked into'],
  lookedIntoWarns: ['不再列出；报文不受影响。', 'It is listed no more; the messages are not touched.'],
  orphansText: ['找不到对应报文的回执。', 'Answers that speak of no message of ours.'],
  undeliveredText: ['尚未交给企业的回执。', 'Receipts their partners have not got.'],
  keys: ['快捷键', 'Keyboard'],
  keySearch: ['查找', 'search'],
  keyGo: [
    '总览 / 待处理 / 报文 / 企业 / 实时 / 通知 / 操作记录',
    'overview / to act on / messages / partners / live / notices / audit',
  ],
  keyMove: ['上下移动', 'move'],
  keyOpen: ['打开', 'open'],
  keyTheme: ['明暗', 'dark or light'],
  keyLanguage: ['中文 / English', '中文 / English'],
  skipped: ['条未显示', 'not shown'],
  peak: ['近 6 小时，最高 {n}', 'last 6 hours, at most {n}'],
  oneKey: ['使用单键快捷键', 'Single-letter keys'],
  follow: ['跟随最新', 'follow'],
  browse: ['报文', 'Messages'],
  unready: ['连接未就绪', 'not connected'],
  stuckAt: ['{agency} 的队列不动', 'The queue of {agency} does not move'],
  stuckMore: ['另有 {n} 个队列不动', '{n} more do not move'],
  stuckFor: ['最久的已等待 {age}', 'the oldest waits for {age}'],
  times8: ['所有时间均为北京时间 UTC+8', 'All times are Beijing time, UTC+8'],
  skip: ['跳到正文', 'Skip to content'],
  lampFlowing: ['状态：正常', 'State: flowing'],
  lampAttention: ['状态：需处理', 'State: something needs a person'],
  lampStuck: ['状态：有队列不动', 'State: a queue does not move'],
  themeName: ['切换明暗', 'Dark or light'],
  languageName: ['EN · English', '中文'],
  helpName: ['快捷键', 'Keyboard'],
  from: ['从', 'From'],
  to: ['到', 'To'],
  all: ['全部', 'All'],
  begins: ['编号开头', 'Reference begins with'],
  find: ['查询', 'Search'],
  more: ['更多', 'More'],
  csv: ['导出 CSV', 'Save as CSV'],
  download: ['下载', 'Save'],
  saved: ['已保存 {name}', 'Saved {name}'],
  tooMany: ['编号以此开头的太多，请多写几个字符。', 'Too many references begin so; type more of it.'],
  connector: ['连接', 'Connector'],
  connectorWell: ['正常', 'well'],
  filesWaiting: ['未被取走的文件', 'Files not fetched'],
  breaker: ['熔断器', 'Breaker'],
  breakerClosed: ['闭合（正常）', 'closed (well)'],
  breakerOpen: ['断开（暂停发送）', 'open (nothing is sent)'],
  breakerHalf: ['试探', 'probing'],
  ofTries: ['{tries} 次中 {failures} 次失败', '{failures} of {tries} failed'],
  pausedBy: ['{who} 于 {at} 暂停：{why}', '{who} paused it at {at}: {why}'],
  nextClosing: ['下次维护', 'Next closing'],
  announced: ['已公告的维护', 'Announced closings'],
  processes: ['发送进程', 'Processes that send'],
  process: ['进程', 'Process'],
  inMailbox: ['在信箱中，待企业取走，自', 'in the mailbox since'],
  onItsWay: ['待交付，方式', 'on its way by'],
  acknowledged: ['企业已确认', 'Acknowledged by the partner'],
  replied: ['已随接收应答返回', 'Given with the answer'],
  abandoned: ['已放弃交付', 'Given up'],
  delivered: ['已交付', 'Delivered'],
  mailbox: ['信箱未取', 'In the mailbox'],
  oldestInMailbox: ['最早', 'oldest'],
  webhook: ['回调地址', 'Webhook'],
  webhookDisabled: ['已停用', 'disabled'],
  rights: ['权限', 'Rights'],
  secrets: ['密钥与口令', 'Keys and passwords'],
  kind: ['类型', 'Kind'],
  label: ['用途', 'Label'],
  created: ['创建', 'Created'],
  lastUsed: ['最近使用', 'Last used'],
  expires: ['失效', 'Expires'],
  revoke: ['收回', 'Revoke'],
  enable: ['启用', 'Enable'],
  disable: ['停用', 'Disable'],
  disableWarns: ['停用后该企业的所有连接立即断开。', 'Everything it holds open ends at once.'],
  revokeWarns: ['收回后立即失效，不能恢复。', 'It opens nothing from now on; this cannot be taken back.'],
  receiptForm: ['回执形式', 'Receipt form'],
  verification: ['验签', 'Signatures verified'],
  'verification-off': ['不验签', 'no'],
  'verification-warn': ['验签不通过时提示', 'yes; a bad one is a warning'],
  'verification-require': ['须加签且验签通过', 'yes; without a good one a message is refused'],
  signers: ['加签密钥', 'Keys that sign for customs'],
  signerUp: ['可用', 'there'],
  signerAway: ['不可用', 'away'],
  signerKey: ['密钥所在', 'Where the key is'],
  'signer-file': ['文件', 'file'],
  'signer-command': ['命令（PKCS#11 等）', 'command (PKCS#11 …)'],
  'signer-agent': ['加签代理', 'agent'],
  signed: ['已加签', 'Signed'],
  signingCertificates: ['验签证书', 'Certificates it signs with'],
  number: ['证书编号', 'Number'],
  subject: ['持有人', 'Subject'],
  daysLeft: ['剩余天数', 'Days left'],
  revoked: ['已撤销', 'revoked'],
  revokeCertificateWarns: [
    '撤销后，用该证书加签的报文验签不通过，不能恢复。',
    'No signature of it holds from now on; this cannot be taken back.',
  ],
  recentMessages: ['近期报文', 'Its messages'],
  pauseLive: ['暂停滚动', 'Pause'],
  resumeLive: ['继续', 'Go on'],
  filter: ['筛选', 'Filter'],
  selected: ['已选 {n} 条', '{n} selected'],
  selectAll: ['全选', 'Select all'],
  selectOne: ['选择', 'Select'],
  doneOf: ['{done} 条完成，{failed} 条未成', '{done} done, {failed} not'],
  replayWarns: [
    '将再次向主管部门申报。请先确认原因已排除。',
    'It is filed with the agency again. Make sure that the reason is gone.',
  ],
  dropWarns: ['不再处理，记录保留。', 'It is closed; the record stays.'],
  takenWarns: ['确认主管部门已收到；系统将等待其回执。', 'The agency has it; its answer is awaited.'],
  resendWarns: [
    '将再次申报。若主管部门其实已收到，会造成重复申报。',
    'It is filed once more. If the agency has it after all, it is filed twice.',
  ],
  giveUpWarns: ['放弃申报，企业将收到失败回执。', 'It is given up; the partner receives a failure.'],
  sendWarns: [
    '将该更改报文发往主管部门，尽管其原始报文被退回。',
    'The change goes to the agency although its original was refused.',
  ],
  matchWarns: [
    '回执将归属该提交并告知企业。',
    'The answer becomes a receipt of that submission, and the partner is told.',
  ],
  orphanDropWarns: ['该回执不归属任何报文，记录保留。', 'The answer belongs to no message; it is kept.'],
  pauseWarns: ['报文照常接收并保留，恢复后继续发送。', 'Messages are taken and kept; they go out when it is resumed.'],
  resumeWarns: ['立即继续发送。', 'Sending goes on at once.'],
  resendReceiptWarns: [
    '该回执将再次交付企业，不会再次申报。',
    'The partner gets this receipt again; nothing is filed again.',
  ],
  original: ['原始报文', 'Original'],
  waitsFor: ['已等', 'Waits for'],
  candidates: [
    '候选提交（同一主管部门，不明或等待回执）',
    'Candidates: unclear or awaiting an answer from this agency',
  ],
  allAgencies: ['所有主管部门', 'All agencies'],
  allPartners: ['所有企业', 'All partners'],
  remedy: ['处理办法', 'What to do'],
  line: ['行', 'Line'],
  path: ['位置', 'Path'],
  backToMonitor: ['返回监控', 'Back to the monitor'],
  event: ['事件', 'Event'],
  details: ['详情', 'Details'],
  duplicate: ['重复', 'same again'],
  conflict: ['冲突', 'conflict'],
  settled: ['已回执', 'answered'],
  returned: ['已交付', 'given back'],
  orphan: ['无主回执', 'orphan'],
  dropped: ['已关闭', 'closed'],
  taken202: ['已收', 'taken'],
  permanent: ['对方拒收', 'refused at the door'],
  transient: ['未送达', 'not delivered'],
  ambiguous: ['结果不明', 'in doubt'],
  yes: ['是', 'yes'],
  no: ['否', 'no'],
  prefix: ['开头相同的操作也列出', 'deeds whose names begin so, too'],
  'auditAction_agency.pause': ['暂停部门', 'agency paused'],
  'auditAction_agency.resume': ['恢复部门', 'agency resumed'],
  'auditAction_agency.window': ['公告维护', 'closing announced'],
  'auditAction_agency.window-clear': ['撤销公告', 'closings taken back'],
  'auditAction_config.reload': ['重新加载配置', 'configuration reloaded'],
  'auditAction_dead.replay': ['重发死信', 'dead letter replayed'],
  'auditAction_dead.drop': ['关闭死信', 'dead letter closed'],
  'auditAction_unclear.resolve': ['裁定不明', 'unclear resolved'],
  'auditAction_held.release': ['放行暂缓', 'held change released'],
  'auditAction_orphan.match': ['认领回执', 'orphan matched'],
  'auditAction_orphan.drop': ['忽略回执', 'orphan dropped'],
  'auditAction_receipt.resend': ['补发回执', 'receipt owed again'],
  'auditAction_partner.put': ['修改企业', 'partner changed'],
  'auditAction_partner.key': ['新密钥', 'new key'],
  'auditAction_partner.revoke': ['收回密钥', 'key revoked'],
  'auditAction_message.read': ['查看原文', 'bytes read'],
  'auditAction_config.reload-refused': ['重新加载被拒', 'reload refused'],
  'auditAction_partner.disable': ['停用企业', 'partner disabled'],
  'auditAction_partner.enable': ['启用企业', 'partner enabled'],
  'auditAction_partner.subscribe': ['订阅通知', 'notices subscribed'],
  'auditAction_partner.unsubscribe': ['取消订阅', 'notices unsubscribed'],
  'auditAction_partner.webhook': ['设置回调', 'webhook set'],
  'auditAction_ledger.restore': ['恢复账本', 'ledger restored'],
  keyRows: ['j k 移动焦点，Enter 打开该行', 'j and k move the focus, Enter opens the row'],
}

let language = localStorage.getItem('language') ?? (navigator.language.startsWith('zh') ? 'zh' : 'en')
export const currentLanguage = () => language
export function setLanguage(next) {
  language = next
  localStorage.setItem('language', next)
  document.documentElement.lang = next
}

/**
 * The word in the language of the page; `{name}` is replaced.
 * @param {string} key
 * @param {Record<string, unknown>} [values]
 */
export function t(key, values = {}) {
  const pair = words[key] ?? [key, key]
  return pair[language === 'zh' ? 0 : 1].replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ''))
}

/**
 * One of a bilingual text.
 * @param {import('../../messages/text.js').Bilingual | undefined} text
 */
export const one = (text) => (language === 'zh' ? text?.zh : text?.en) ?? ''

/** The zone of every time on the page. */
export const zone = 'UTC+8'

/**
 * A moment by the clock in Beijing: 2026-11-28 20:07:52.
 * @param {string | undefined} iso
 */
export function clock(iso) {
  if (!iso) return '–'
  return new Date(iso).toLocaleString('sv-SE', { timeZone: 'Asia/Shanghai' })
}

const units = () => (language === 'zh' ? ['秒', '分', '小时', '天'] : ['s', 'm', 'h', 'd'])

/**
 * 75 → 1m 15s, in Chinese 1分15秒; nothing waits → –
 * @param {number} seconds
 */
export function age(seconds) {
  if (!seconds) return '–'
  const [s, m, h, d] = units()
  const two = (large, unit, small, lesser) => `${large}${unit}${language === 'zh' ? '' : ' '}${small}${lesser}`
  if (seconds < 60) return `${seconds}${s}`
  if (seconds < 3600) return two(Math.floor(seconds / 60), m, seconds % 60, s)
  return seconds < 86400
    ? two(Math.floor(seconds / 3600), h, Math.floor((seconds % 3600) / 60), m)
    : two(Math.floor(seconds / 86400), d, Math.floor((seconds % 86400) / 3600), h)
}

/**
 * How long ago.
 * @param {string} iso
 */
export const since = (iso) => age(Math.max(1, Math.round((Date.now() - Date.parse(iso)) / 1000)))

/** @param {number} n */
export const count = (n) => n.toLocaleString('en-US')
