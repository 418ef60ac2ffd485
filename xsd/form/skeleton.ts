// skeleton — the form somebody begins with, as text: one that is read and judged sound as soon as it names its source.

/** What of the catalogue's operation stands in it. */
interface SkeletonOf {
  code: string
  title: { zh: string; en: string }
  kind: string
  agencies: readonly string[]
}

/** The YAML of a new form. Its source is left to whoever writes it: without one it is not read. */
export function formSkeleton({ code, title, kind, agencies }: SkeletonOf, document: string): string {
  return [
    `document: ${document}`,
    `title: { zh: ${title.zh}, en: ${title.en} }`,
    `kind: ${kind === 'notice' ? 'notice' : 'filing'}`,
    'source: # in ten characters or more: the regulation, announcement with annex, or standard whose fields these are',
    'marks: own',
    'serves:',
    `  ${code}: { functions: [original, change, withdraw] }`,
    `agencies: [${agencies.join(', ')}]`,
    'identity: [Applicant/UnifiedSocialCreditCode, ApplicationNumber]',
    'keys: [ApplicationNumber]',
    'fields:',
    '  ApplicationNumber: { zh: 申请编号, type: text(30), eg: TS2026000001, own: true }',
    '  Applicant: { zh: 申请人, type: company }',
    '  Reason: { zh: 变更（撤回）原因, type: text(500), occurs: 0..1, eg: 填报有误 }',
    '  Signatory: { zh: 申请人签章, type: signatory }',
    'rules:',
    '  - { if: { function: [change, withdraw] }, require: [Reason], zh: 变更、撤回须写原因。, en: ' +
      'A change or withdrawal gives the reason. }',
    'life:',
    '  - { zh: 已受理, en: received, status: processing }',
    '  - { zh: 准予, en: approved, status: approved, on: [original, change], brings: { ApprovalNumber: { zh: 批准编号, ' +
      'type: text(50), eg: TS-2026-000001, own: true }, ValidTo: { zh: 有效期至, type: date, eg: 2027-05-31 } } }',
    '  - { zh: 不予批准, en: refused, status: rejected, brings: { Reasons: { zh: 理由, type: text(500), eg: 材料不全 } } }',
    '  - { zh: 准予撤回, en: withdrawal accepted, status: approved, on: [withdraw] }',
    '',
  ].join('\n')
}
