// labels — does what a field is called in Chinese say that its value names a person: a name, the number of an identity
// document, a way to reach somebody?

const somebody =
  /姓名|联系人|法定代表人|法人代表|经办人|负责人|驾驶员|司机|船长|机长|车长|收件人|寄件人|发件人|签收人|填报人|填表人|填写人|复核人|审核人|申报员|申报人及联系|申请人及联系|报检员|报关员|报关人员|手签人|手签员|核签人|签字人|检验员|检查人员|审查人员|保管员|保管人|登记人|经手人|领证人|办证员|制单人|提问人|咨询人|反馈人|携带人|押运|陪同人员|值班人|责任人|车主|物品所有人|旅客|关员|设置人|上传人|答复人|处理人|办理人|对接人|协调员|技术员|监督人|见证人|确认人|管理员$|操作员$|管理人员$|操作人员$|到场人|在场人员|创建人|签注人|著作权人|船东代表|翻译/
const identifiers = /身份证|身份号码|护照号|通行证号|证件号|驾驶证号|人员证号/
const reach = /电话|手机|传真|邮箱|电子邮件|联系方式/

/** About a person, and naming nobody. */
const about =
  /类型|种类|类别|分类|代码$|编码$|备案号|备案编号|卡号|复印件|扫描件|影像|照片|样式|字式样|有效期|日期|时间|年限|授权|委托书|证明|名单|人数|员数|客数|总数|数$|是否|国家|国籍|国别|签发国|城市|地点|地$|港$|行李|签章|证书号|情况|声明$|原因|意见|资格|资质|培训|健康|防护|人员及原因|已确认|许可证件|监管证件|随附证件|登轮|单证|需手机|航班|口岸|设施|机构和|金额|方式$(?<!联系方式)/

/** Does the whole label speak of a person? `电话号码类型` and `联系人类别` do not. */
export const labelNamesPerson = (label: string): boolean => {
  const bare = label.replace(/（[^）]*）|\([^)]*\)/g, '')
  const inBrackets = identifiers.test(label) && !about.test(label)
  return ((somebody.test(bare) || identifiers.test(bare) || reach.test(bare)) && !about.test(bare)) || inBrackets
}
