// words — the English label of a field that gives none: the words of its name, the short ones of customs' own names
// written out.

/** Names whose words say too little. */
const whole: Readonly<Record<string, string>> = {
  No: 'Number',
  GNo: 'Goods line number',
  GName: 'Goods name',
  GModel: 'Goods model',
  CodeTS: 'Commodity code',
  CopNo: 'Company’s own number',
  CusCiqNo: 'Single Window number',
  PackNo: 'Number of packages',
  DeclaredPackNo: 'Number of packages declared',
  PreNo: 'Transit form number',
  TrnPreId: 'Transit form number',
  TurnNo: 'Transit declaration number',
  TurnNos: 'Transit declaration numbers',
  TransNo: 'Load list number',
  MtApplyBlNo: 'Multimodal transport number',
  PreDeclNo: 'Pre-entry number',
  DeclNo: 'List number',
  DeclQty: 'Quantity',
  DeclPrice: 'Unit price',
  DeclTotal: 'Amount',
  SureId: 'Confirmation number',
  RdCode: 'Kind of business',
  BayonetRdCode: 'Gate passage',
  OpTime: 'Time of the operation',
  OpUserId: 'Operator’s card number',
  BindObjId: 'Number of what is bound',
  BindObjType: 'What is bound',
  BindKeyInfo: 'Number of the medium',
  BindKeyType: 'Medium',
  IEFlag: 'Import or export',
  BopDeclarationNumber: 'BOP declaration number',
  ContractorCodeScc: 'Contractor’s unified social credit code',
  DeclTrafMode: 'Transport mode',
  CustomsMaster: 'Customs office of declaration',
  CustomMaster: 'Customs office of declaration',
  MasterCustoms: 'Competent customs office',
  ApplCodeScc: 'Declarant’s unified social credit code',
}

/** Words of a name. */
const words: Readonly<Record<string, string>> = {
  acep: 'ACEP',
  bic: 'BIC',
  ccc: 'CCC',
  ciq: 'CIQ',
  conta: 'container',
  csc: 'CSC',
  cur: 'current',
  decl: 'declaration',
  dxp: 'DXP',
  gmo: 'GMO',
  gps: 'GPS',
  hs: 'HS',
  id: 'ID',
  ie: 'import or export',
  imo: 'IMO',
  loct: 'location',
  mmsi: 'MMSI',
  msds: 'MSDS',
  msg: 'message',
  packs: 'packages',
  pti: 'PTI',
  qty: 'quantity',
  scc: 'unified social credit code',
  sn: 'serial number',
  supv: 'supervised',
  teu: 'TEU',
  traf: 'transport',
  trn: 'transit',
  uetr: 'UETR',
  vat: 'VAT',
  vin: 'VIN',
  wmi: 'WMI',
  wt: 'weight',
}
/** At the end of a name: `VoyageNo`; `NoLossStatement` denies. */
const last: Readonly<Record<string, string>> = { no: 'number', nos: 'numbers' }

/** `VehicleCustomsNo` → `Vehicle customs number` */
export function englishOf(name: string): string {
  if (whole[name] !== undefined) return whole[name]
  const parts = name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').split(' ')
  const said = parts
    .map((part, i) => {
      const word = part.toLowerCase()
      const written = words[word] ?? (i > 0 && i === parts.length - 1 ? last[word] : undefined)
      return written ?? (/^[A-Z][a-z]+/.test(part) && i > 0 ? word : part)
    })
    .join(' ')
  return said.replace(/^./, (c) => c.toUpperCase())
}
