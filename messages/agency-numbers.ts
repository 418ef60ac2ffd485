// agency-numbers — what the numbers that agencies give are called, by the element in which a published receipt brings
// them.
import type { Bilingual } from './text.js'

const seqNo = { zh: '统一编号', en: 'unified number of the Single Window' }
const entryId = { zh: '报关单号', en: 'number of the customs declaration' }
const application = { zh: '修撤单统一编号', en: 'unified number of the application' }
const agreement = { zh: '委托协议编号', en: 'number of the agency agreement' }

const names: Readonly<Record<string, Bilingual>> = {
  SeqNo: seqNo,
  DecModSeqNo: application,
  DestResourceId: application,
  ENTRY_ID: entryId,
  EntryId: entryId,
  entryId,
  entrySeqNo: { zh: '报关单统一编号', en: 'unified number of the declaration' },
  FILE_TYPE: { zh: '单一窗口业务唯一标识', en: 'id of the matter at the Single Window' },
  ConsignNo: agreement,
  CONSIGN_NO: agreement,
  preNo: { zh: '预录入编号', en: 'pre-entry number' },
  rkdNo: { zh: '入库单编号', en: 'number of the warehouse entry' },
  taxNo: { zh: '电子税单编号', en: 'number of the tax bill' },
  CIBINo: { zh: '通关单号', en: 'number of the clearance form' },
  ClBlNo: { zh: '电子底账数据号', en: 'number of the electronic ledger' },
  EntDealNo: { zh: '报检号', en: 'number of the inspection application' },
  CertNo: { zh: '原产地证编号', en: 'number of the certificate of origin' },
  businessId: { zh: '业务编号', en: 'business number at customs' },
  bizNo: { zh: '业务编号', en: 'business number at customs' },
  bondInvtNo: { zh: '核注清单编号', en: 'number of the bonded inventory' },
  sasDclNo: { zh: '申报表编号', en: 'number of the application form' },
  sasStockNo: { zh: '出入库单编号', en: 'number of the stock slip' },
  rotateDclNo: { zh: '流转申报表编号', en: 'number of the transfer form' },
  cmbNo: { zh: '耗料单编号', en: 'number of the consumption sheet' },
  emlNo: { zh: '手册编号', en: 'number of the handbook' },
  emsNo: { zh: '账册编号', en: 'number of the account book' },
}

/** What the number at this path of a receipt is; undefined where it has no name of its own. */
export const agencyNumberName = (path: string): Bilingual | undefined => names[path.split('/').at(-1)!]
