// organisation — does a name show that it is a company's or an authority's, and no person's? Where a message does not
// say of its parties which they are (UN/EDIFACT, port flat files), a name that shows nothing may be a person's.

const latin =
  /\b(CO|LTD|LIMITED|INC|CORP\w*|LLC|LLP|GMBH|AG|KG|S\.?A|S\.?R\.?L|SPA|B\.?V|N\.?V|PLC|PTE|PTY|SDN|BHD|OY|AB|AS|KK|COMPANY|FIRM|LINES?|SHIPPING|MARITIME|MARINE|AIR\w*|AVIATION|LOGISTICS?|FREIGHT|FORWARD\w*|TERMINALS?|PORTS?|HARBOU?R|TRAD\w+|IMPORTS?|EXPORTS?|IMP|EXP|FACTORY|WORKS|MILLS?|BROKERS?|BANK\w*|GROUP|AGENC\w+|AGENTS?|CUSTOMS|TRANSPORT\w*|TRUCK\w*|HAULIER|HAULAGE|CARRIERS?|CONTAINERS?|SERVICES?|WAREHOUS\w+|DEPOT|INDUSTR\w+|TECH\w*|INTERNATIONAL|INTL|HOLDINGS?|PARTNERS|UNIVERSITY|INSTITUTE|HOSPITAL|MINISTRY|AUTHORITY|ADMINISTRATION|DEPARTMENT|DEPT|BUREAU|OFFICE|CENT(ER|RE)|STORES?|SHOP|MARKET|PRODUCTS?|FOODS?|TOYS|CHEMICALS?|ELECTR\w+|MACHINERY|STEEL|TEXTILES?|SUPPL\w+|MANUFACTUR\w+|EXPRESS|POST|RAIL\w*|FERR(Y|IES)|CRUISES?|VESSELS?|SHIPS?|TANKERS?|OWNERS?|OPERATORS?|STEVEDOR\w+|SAME AS|TO ORDER|CONSIGNEE|CONSIGNOR|SHIPPER)\b/i
const chinese =
  /公司|集团|厂|行$|部$|部门|中心|海关|港|码头|局|站$|社$|所$|院|协会|商会|商店|超市|仓库|船|航|物流|货运|货代|运输|贸易|企业|单位|凭指示|同收货人/

/** Is it the name of a company or an authority, and not of a person? */
export const isOrganisation = (name: string): boolean => latin.test(name) || chinese.test(name)
