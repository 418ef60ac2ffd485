// declaration — a 报关单 (DecMessage) in the boxes of its paper form (海关总署公告2019年第18号, 进出口货物报关单填制规范): head, goods,
// declarant.
import type { Meanings } from './labels.js'
import type { Section } from './order.js'

type Tree = Record<string, unknown>

/** Label for imports and exports, and the elements whose values stand in the box. */
const head: readonly [imports: string, exports: string, ...elements: string[]][] = [
  ['预录入编号（统一编号）', '预录入编号（统一编号）', 'SeqNo'],
  ['海关编号', '海关编号', 'EntryId'],
  ['境内收货人', '境内发货人', 'TradeName', 'TradeCoScc', 'TradeCode'],
  ['进境关别', '出境关别', 'IEPort'],
  ['进口日期', '出口日期', 'IEDate'],
  ['申报日期', '申报日期', 'PDate'],
  ['备案号', '备案号', 'ManualNo'],
  ['境外发货人', '境外收货人', 'OverseasConsignorEname', 'OverseasConsigneeEname'],
  ['运输方式', '运输方式', 'TrafMode'],
  ['运输工具名称及航次号', '运输工具名称及航次号', 'TrafName'],
  ['提运单号', '提运单号', 'BillNo'],
  ['货物存放地点', '货物存放地点', 'GoodsPlace'],
  ['消费使用单位', '生产销售单位', 'OwnerName', 'OwnerCodeScc', 'OwnerCode'],
  ['监管方式', '监管方式', 'TradeMode'],
  ['征免性质', '征免性质', 'CutMode'],
  ['许可证号', '许可证号', 'LicenseNo'],
  ['启运港', '启运港', 'DespPortCode'],
  ['合同协议号', '合同协议号', 'ContrNo'],
  ['贸易国（地区）', '贸易国（地区）', 'TradeAreaCode'],
  ['启运国（地区）', '运抵国（地区）', 'TradeCountry'],
  ['经停港', '指运港', 'DistinatePort'],
  ['入境口岸', '离境口岸', 'EntyPortCode'],
  ['包装种类', '包装种类', 'WrapType'],
  ['件数', '件数', 'PackNo'],
  ['毛重（千克）', '毛重（千克）', 'GrossWet'],
  ['净重（千克）', '净重（千克）', 'NetWt'],
  ['成交方式', '成交方式', 'TransMode'],
  ['运费', '运费', 'FeeMark', 'FeeRate', 'FeeCurr'],
  ['保费', '保费', 'InsurMark', 'InsurRate', 'InsurCurr'],
  ['杂费', '杂费', 'OtherMark', 'OtherRate', 'OtherCurr'],
  ['标记唛码及备注', '标记唛码及备注', 'MarkNo', 'NoteS'],
]

const goods: readonly [label: string, ...elements: string[]][] = [
  ['项号', 'GNo'],
  ['商品编号', 'CodeTS'],
  ['商品名称及规格型号', 'GName', 'GModel'],
  ['数量及单位', 'GQty', 'GUnit'],
  ['单价/总价/币制', 'DeclPrice', 'DeclTotal', 'TradeCurr'],
  ['原产国/最终目的国', 'OriginCountry', 'DestinationCountry'],
  ['境内目的地（货源地）/征免', 'DistrictCode', 'DutyMode'],
]

/** Elements whose value is a code, and the list it is of; the paper has code and meaning. */
const coded: Readonly<Record<string, string>> = {
  TrafMode: 'customs-transport',
  TradeMode: 'customs-trade-mode',
  CutMode: 'customs-cut-mode',
  TransMode: 'customs-trans-mode',
  GUnit: 'customs-unit',
  WrapType: 'package-kind',
}

/** The numbers customs gives, by the elements of the answers that bring them. */
const given = { SeqNo: ['SeqNo', 'CUS_CIQ_NO'], EntryId: ['EntryId', 'ENTRY_ID'] } as const

/**
 * @param tree of DecMessage
 * @param answers their trees; a number the declaration did not have yet is the one an answer gave it
 */
export function declarationPaper(
  tree: Tree,
  answers: readonly Tree[],
  meanings: Meanings,
): { title: string; sections: Section[] } {
  const joined = (of: Tree, elements: readonly string[]): string =>
    elements
      .map((name) => {
        const value = text(of[name])
        const meaning = meanings[coded[name] ?? '']?.[value]
        return meaning === undefined ? value : `(${value}) ${meaning}`
      })
      .filter((one) => one !== '')
      .join(' ')
  const top = { ...asTree(tree.DecHead) }
  for (const [name, elements] of Object.entries(given))
    if (text(top[name]) === '')
      top[name] = answers.flatMap((answer) => elements.map((one) => text(answer[one]))).findLast((one) => one !== '')
  const exports = text(top.IEFlag) === 'E'
  const lines = list(asTree(tree.DecLists).DecList).map(asTree)
  const containers = list(asTree(tree.DecContainers).Container).map((one) => text(asTree(one).ContainerId))
  const papers = list(asTree(tree.DecLicenseDocus).LicenseDocu).map((one) =>
    joined(asTree(one), ['DocuCode', 'CertCode']),
  )
  const box = (label: string, value: string) => (value === '' ? [] : [{ label, value }])
  const sections = [
    {
      title: '表头',
      boxes: [
        ...head.flatMap(([imports, exported, ...elements]) => box(exports ? exported : imports, joined(top, elements))),
        ...box('集装箱号', containers.filter((one) => one !== '').join('；')),
        ...box('随附单证及编号', papers.filter((one) => one !== '').join('；')),
      ],
    },
    {
      title: '商品',
      columns: goods.map(([label]) => label),
      rows: lines.map((line) => goods.map(([, ...elements]) => joined(line, elements))),
    },
    {
      title: '申报',
      boxes: [
        ...box('申报单位', joined(top, ['AgentName', 'AgentCodeScc', 'AgentCode'])),
        ...box('报关人员', joined(top, ['DeclareName'])),
        ...box('申报地海关', joined(top, ['CustomMaster'])),
      ],
    },
  ]
  return { title: `中华人民共和国海关${exports ? '出' : '进'}口货物报关单`, sections }
}

const list = (value: unknown): unknown[] => (value === undefined ? [] : Array.isArray(value) ? value : [value])
const asTree = (value: unknown): Tree => (typeof value === 'object' && value !== null ? (value as Tree) : {})
const text = (value: unknown): string => (typeof value === 'string' ? value : '')
