// settings — what hub.yaml says about webhooks: where they may lead.
import { Type, type Static } from 'typebox'

/** `webhooks` of hub.yaml. */
export const WebhookReachSetting = Type.Object(
  {
    http: Type.Optional(
      Type.Boolean({
        description:
          'Webhooks may lead to `http://`, not to `https://` alone. Absent: in the demo only. ' +
          'This and the two below are asked when a URL is set, and of every address at every call',
        zh: '允许 http:// 地址',
      }),
    ),
    loopback: Type.Optional(
      Type.Boolean({
        description: 'They may lead to this machine itself. Absent: in the demo only',
        zh: '允许本机地址',
      }),
    ),
    allow: Type.Array(Type.String(), {
      default: [],
      description:
        'Addresses that may be called all the same, such as `10.0.0.7`. Link-local, metadata and multicast ' +
        'addresses may be called only by this',
      zh: '另外允许的地址',
    }),
  },
  { additionalProperties: false },
)

/** Where webhooks may lead. @param demo a hub that is tried out: its partners stand on the same machine */
export const webhookReach = (
  { http, loopback, allow = [] }: Partial<Static<typeof WebhookReachSetting>> = {},
  demo: boolean,
) => ({ http: http ?? demo, loopback: loopback ?? demo, allow })
