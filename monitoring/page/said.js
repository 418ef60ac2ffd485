// said — what the hub says in English about an agency or a receipt's way, in the language of the page. What is not
// known here is an agency's or an operator's own words, and is shown as it is.
import { currentLanguage } from './text.js'

/** @param {string} what @param {string | undefined} last what went wrong, in the hub's or the agency's words */
const withLast = (what, last) => (last ? `${what}：${said(last)}` : what)

/** @type {[RegExp, (...found: string[]) => string][]} */
const sentences = [
  [/^no connector is configured$/, () => '未配置连接：请在 hub.yaml 的 agencies 中添加该部门'],
  [/^the agency asked to wait$/, () => '对方要求稍候'],
  [/^a probe failed(?:: (.*))?$/, (last) => withLast('试探发送失败', last)],
  [
    /^(\d+) of (\d+) tries failed within ([\d.]+) s(?:: (.*))?$/,
    (failed, tries, seconds, last) => withLast(`${seconds} 秒内 ${tries} 次发送中 ${failed} 次失败`, last),
  ],
  [/^the connector is in trouble$/, () => '连接异常'],
  [/^no import folder is known for (.*)$/, (type) => `没有 ${type} 的导入目录`],
  [/^(.*) has not been fetched for (.*)$/, (file, time) => `${file} 已 ${time} 未被取走`],
  [/^there is no directory (.*)$/, (path) => `目录或文件不存在：${path}`],
  [/^ENOENT.*'(.*)'$/, (path) => `目录或文件不存在：${path}`],
  [/^EACCES.*'(.*)'$/, (path) => `无权访问：${path}`],
  [/^(?:connect )?ECONNREFUSED ?(.*)$/, (address) => `连接被拒绝 ${address}`],
  [/^socket hang up$/, () => '对方中断了连接'],
]

/** @param {string | undefined} text a sentence of the hub's, in English */
export function said(text) {
  if (!text || currentLanguage() !== 'zh') return text ?? ''
  for (const [pattern, inChinese] of sentences) {
    const found = pattern.exec(text)
    if (found) return inChinese(...found.slice(1))
  }
  return text
}
