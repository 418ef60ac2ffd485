// common-words — what passwords are made of that many people choose: words, names, pinyin, numbers with a meaning, and
// walks over the keyboard. Gathered by hand from what published lists of leaked passwords have in common; none of these
// lists is shipped. Lower case; weak-password reads digits and signs that stand for letters as these letters.
const english = `
  password passwd passw0rd pass passcode passphrase secret private letmein welcome hello login logon signin enter access
  open sesame admin administrator root system manager master superuser super user guest test testing tester demo default
  temp temporary changeme change newpass newpassword oldpassword computer internet server network windows microsoft
  google apple samsung android iphone linux ubuntu oracle database mysql postgres redis docker cisco huawei lenovo dell
  company business office work worker employee boss money dollar cash gold silver diamond platinum lucky winner champion
  love lover loveme loveyou iloveyou iloveu forever always together friend friends family mother father mama papa mommy
  daddy mum dad brother sister baby babe babygirl babyboy angel princess prince queen king kingdom knight warrior hero
  batman superman spiderman ironman starwars startrek pokemon pikachu naruto matrix minecraft warcraft dragon dragons
  monkey tiger lion panda horse eagle falcon wolf bear shark dolphin rabbit kitty kitten puppy dog dogs cat cats cheese
  chocolate cookie banana orange lemon cherry peach mango pepper ginger coffee summer winter spring autumn january
  february march april may june july august september october november december monday tuesday wednesday thursday friday
  saturday sunday sunshine sunny rainbow flower flowers rose lily daisy star stars moon earth world heaven paradise
  freedom liberty peace power energy thunder lightning storm fire water ocean river mountain forest garden house home
  red blue green yellow black white purple pink football soccer baseball basketball hockey tennis golf hunter ranger
  killer shadow ghost phantom ninja samurai pirate viking michael jordan daniel david robert thomas william joseph
  charles andrew matthew anthony joshua george james john peter paul mark steve kevin brian jason justin ashley jessica
  jennifer michelle nicole amanda sarah anna maria laura julia linda alexander alex sasha victoria charlie buddy maggie
  bailey harley mustang ferrari porsche mercedes toyota honda yamaha kawasaki corvette camaro liverpool arsenal chelsea
  barcelona madrid london paris berlin amsterdam rotterdam newyork america canada china beijing shanghai whatever
  nothing something trustno1 trust qwerty azerty asdf zxcv abcd efgh word words the you and this that for with from
  good best bad big small new old happy smile please thank thanks sorry yes what how who why where when never ever
  school student teacher college university music guitar piano singer dance dancer movie player gamer game games
  correct battery staple export import trade cargo ship shipping freight port harbour customs declaration manifest
`
const pinyin = `
  mima mimashi wodemima woaini woaini1314 aini aiwo woai woaizhongguo zhongguo beijing shanghai guangzhou shenzhen
  hangzhou nanjing wuhan chengdu chongqing tianjin xian qingdao dalian ningbo xiamen suzhou dongguan foshan zhuhai
  xianggang taiwan laopo laogong baobei baobao mama baba gege didi jiejie meimei pengyou qinaide xingfu kuaile
  shengri shengrikuaile xinnian xinniankuaile gongxifacai facai zhaocai jiankang pingan wanshiruyi nihao nihaoma
  xiexie zaijian wangji buzhidao zhidao meiyou haode tianxia tiankong taiyang yueliang xingxing dahai wangpai
  zhang zhangwei wang wangwei wangfang wangli liwei lina liu liuwei liuyang chen chenwei yang yangyang zhao huang zhou
  xiaoming xiaohong xiaolong xiaowei xiaoyu xiaoxiao xiaobao dabao long longlong tiantian tian feng feifei ming
  mingming jing jingjing juan lili lilei hanmeimei yuan yuanyuan fang fangfang qiang weiwei taobao zhifubao alipay
  weixin wechat tencent qq163 baidu alibaba jingdong gongsi guanli guanliyuan xitong ceshi ceshizhanghao yonghu
  denglu haiguan baoguan baoguanyuan danyichuangkou guoji maoyi jinchukou chuanwu huoyun wuliu gangkou
`
const numbers = `
  520 521 1314 5201314 1314520 5211314 1314521 520520 168 16888 168168 1688 888 8888 666 6666 518 518518 5188 5168
  7758521 7758258 147258 147258369 159357 159753 258369 369258147 741852963 123321 321321 112233 11223344 445566 778899
  123654 123654789 789456 789456123 123698745 987654321 0987654321 1234554321 12344321 100200 131452 1314159 3141592
  31415926 13800138000 110110 119119 120120 007 666888 888666 123123 456456 789789 147147 911 1024 2048 4096
`
const walks = `
  1qaz 2wsx 3edc 4rfv 5tgb 6yhn 7ujm 8ik 9ol 0p 1qaz2wsx 1qaz2wsx3edc 1qaz2wsx3edc4rfv 2wsx3edc 3edc4rfv zaq1 zaq12wsx
  xsw2 cde3 vfr4 bgt5 nhy6 mju7 zaq1xsw2 zaq1xsw2cde3 qaz wsx edc rfv tgb yhn ujm qazwsx qazwsxedc qazwsxedcrfv
  qazxsw qazxswedc wsxedc edcrfv rfvtgb 1q2w 1q2w3e 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y 1q2w3e4r5t6y7u q1w2 q1w2e3 q1w2e3r4
  q1w2e3r4t5 q1w2e3r4t5y6 a1s2d3 a1s2d3f4 z1x2c3 z1x2c3v4 a1b2c3 a1b2c3d4 a1b2c3d4e5 a1b2c3d4e5f6 1a2b3c 1a2b3c4d
  1a2b3c4d5e 1a2b3c4d5e6f qweasd qweasdzxc asdqwe asdzxc zxcasd qwaszx qwer1234 asdf1234 zxcv1234 qwe123 asd123 zxc123
  abc123 aa123456 a123456 q123456 z123456 abcd1234 aaa111 aaa123 adgjmptw plmokn plmoknijb okmijn okmnji poiuytrewq
  lkjhgfdsa mnbvcxz
`
const listed = (text: string) => text.trim().split(/\s+/)

/** Words and patterns that passwords are made of, in lower case, each once. */
export const commonWords: ReadonlySet<string> = new Set([english, pinyin, numbers, walks].flatMap(listed))

/** What everybody tries first at a gateway to customs, whoever runs it. */
export const wordsOfTheHouse: readonly string[] = listed(`
  singlewindow single window hub edihub swhub gateway edi edifact operator monitor ops customs haiguan gacc chinaport
  dianzikouan kouan danyichuangkou
`)

/** Rows of the keyboard and other orders in which neighbours are typed one after another. */
export const orders: readonly string[] = [
  '1234567890',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'azertyuiop',
  'qwertzuiop',
  '!@#$%^&*()',
]
