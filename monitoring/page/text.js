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
  broken: ['熔断', 'broken'],
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
  orphansText: ['找不到对应报文的回执。', 'Answers that speak of no message of ours.'],
  undeliveredText: ['尚未交给企业的回执。', 'Receipts their partners have not got.'],
  keys: ['快捷键', 'Keyboard'],
  keySearch: ['查找', 'search'],
  keyGo: ['总览 / 待处理 / 企业 / 实时 / 操作记录', 'overview / to act on / partners / live / audit'],
  keyMove: ['上下移动', 'move'],
  keyOpen: ['打开', 'open'],
  keyTheme: ['明暗', 'dark or light'],
  keyLanguage: ['中文 / English', '中文 / English'],
  skipped: ['条未显示', 'not shown'],
  follow: ['跟随最新', 'follow'],
}

let language = localStorage.getItem('language') ?? (navigator.language.startsWith('zh') ? 'zh' : 'en')
export const currentLanguage = () => language
export function setLanguage(next) {
  language = next
  localStorage.setItem('language', next)
  document.documentElement.lang = next
}

/** The word in the language of the page; `{name}` is replaced. */
export function t(key, values = {}) {
  const pair = words[key] ?? [key, key]
  return pair[language === 'zh' ? 0 : 1].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '')
}

/** One of a bilingual text. */
export const one = (text) => (language === 'zh' ? text?.zh : text?.en) ?? ''

export function clock(iso) {
  if (!iso) return '–'
  const at = new Date(iso)
  const sameDay = at.toDateString() === new Date().toDateString()
  return at.toLocaleString(
    language === 'zh' ? 'zh-CN' : 'en-GB',
    sameDay
      ? { hour: '2-digit', minute: '2-digit', second: '2-digit' }
      : { month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' },
  )
}

/** 75 → 1m 15s; nothing waits → – */
export function age(seconds) {
  if (!seconds) return '–'
  if (seconds < 60) return `${seconds}s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${seconds % 60}s`
  return seconds < 86400
    ? `${Math.floor(seconds / 3600)}h ${Math.floor((seconds % 3600) / 60)}m`
    : `${Math.floor(seconds / 86400)}d ${Math.floor((seconds % 86400) / 3600)}h`
}

export const count = (n) => n.toLocaleString('en-US')
