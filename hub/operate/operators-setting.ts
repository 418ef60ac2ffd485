// operators-setting — how people sign in to work at the hub: keys, sessions, codes, an identity provider, and which
// acts need two of them.
import { Type, type Static } from 'typebox'
import { operatorRoles, secondPersonActs } from '../../messages/operator.js'

const closed = { additionalProperties: false } as const
const Role = (description: string, zh: string) => Type.Enum(operatorRoles, { description, zh })
const agencies = Type.Optional(
  Type.Array(Type.String(), {
    description: 'Codes of the agencies the account is limited to. Absent: all',
    zh: '限定的主管部门',
  }),
)

/** `operators.oidc` of hub.yaml. */
export const OidcSetting = Type.Object(
  {
    issuer: Type.String({
      pattern: '^https?://.+',
      description: 'Address of the identity provider, as its tokens name it; HTTPS, plain HTTP on loopback only',
      zh: '身份提供方地址（issuer）',
    }),
    clientId: Type.String({ minLength: 1, description: 'What the hub is called there', zh: '客户端编号' }),
    clientSecretEnv: Type.Optional(
      Type.String({
        description: 'Environment variable with the secret of the client. Absent: a public client (PKCE alone)',
        zh: '客户端密钥的环境变量',
      }),
    ),
    url: Type.String({
      pattern: '^https?://[^/]+$',
      description:
        'Address of this hub as browsers see it; `<url>/monitor/sign-in/oidc/back` is registered at the provider',
      zh: '浏览器访问本系统的地址',
    }),
    title: Type.String({ default: 'OIDC', description: 'What the button says', zh: '按钮文字' }),
    scope: Type.String({ default: 'openid profile', description: 'What is asked for', zh: '申请的 scope' }),
    nameClaim: Type.String({
      default: 'preferred_username',
      description: 'Claim with the name of the account',
      zh: '账号名所在的声明',
    }),
    rolesClaim: Type.String({
      default: 'groups',
      description: 'Claim with the groups of a person',
      zh: '角色所在的声明',
    }),
    roles: Type.Record(
      Type.String(),
      Type.Object({ role: Role('Role of who is in the group', '角色'), agencies }, closed),
      {
        description:
          'Group → role, and agencies where it is limited. The highest of a person counts; who is in none may not ' +
          'come in',
        zh: '组 → 角色与部门',
      },
    ),
  },
  closed,
)
export type OidcSetting = Static<typeof OidcSetting>

/** `operators` of hub.yaml. */
export const OperatorsSetting = Type.Object(
  {
    keys: Type.Array(
      Type.Object(
        {
          name: Type.String({ minLength: 1, maxLength: 64, description: 'Name of the account', zh: '账号名' }),
          keyEnv: Type.String({ description: 'Environment variable with the key', zh: '存放密钥的环境变量' }),
          role: Type.Enum(operatorRoles, {
            default: 'admin',
            description: 'Role of the account when the key makes it; later `hub operator role` changes it',
            zh: '首次建立账号时的角色',
          }),
          agencies,
        },
        closed,
      ),
      {
        default: [],
        description:
          'People with a key in an environment variable: `name`, `keyEnv`, and `role` and `agencies` their account ' +
          'begins with. A list in place of `operators` itself is read as this',
        zh: '以环境变量配置密钥的运维人员',
      },
    ),
    totp: Type.Enum(['required', 'optional'], {
      default: 'required',
      description: 'Does who signs in by a password need a code of a device too?',
      zh: '密码登录是否必须使用动态口令',
    }),
    passwordWords: Type.Array(Type.String({ minLength: 2, maxLength: 64 }), {
      default: [],
      maxItems: 1000,
      description:
        'Words that help no password: the company, its products, its town. The name of the account, `customs`, ' +
        '`haiguan` and the like are among them anyway',
      zh: '密码中不计强度的词：公司名、产品名、地名',
    }),
    idleMinutes: Type.Number({
      default: 30,
      minimum: 1,
      description: 'Minutes after which a session of the monitor that nobody uses has ended',
      zh: '会话空闲多久失效（分钟）',
    }),
    sessionHours: Type.Number({
      default: 12,
      minimum: 0.01,
      maximum: 168,
      description: 'Hours after which every session has ended',
      zh: '会话最长时间（小时）',
    }),
    secondPerson: Type.Array(Type.Enum(secondPersonActs), {
      default: [],
      description:
        'Acts that wait until another person approves them: `drop` (dead letters, orphans), `resend-all` (all dead ' +
        'letters at once), `rights` (partners and their settings, grants, operators)',
      zh: '需要第二人复核的操作',
    }),
    approvalHours: Type.Number({
      default: 24,
      minimum: 0.001,
      description: 'Hours after which an act that nobody approved has expired',
      zh: '待复核操作的有效时间（小时）',
    }),
    maskPersons: Type.Boolean({
      default: true,
      description:
        'Hide values that name persons (names, identity and passport numbers, telephone numbers) on the monitor, ' +
        'in `/ops` and in logs; who is to see them reveals them with a reason, and that is in the audit',
      zh: '在监控、运维接口和日志中隐藏个人信息',
    }),
    oidc: Type.Optional(OidcSetting),
  },
  { ...closed, default: {} },
)
export type OperatorsSetting = Static<typeof OperatorsSetting>

/** What it was once: a list of keys. */
export const operatorsOfYaml = (value: unknown): unknown => (Array.isArray(value) ? { keys: value } : value)
