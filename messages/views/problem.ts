// problem — an error as it is read: application/problem+json (RFC 9457) with a code of the one catalogue.
import { Type, type Static } from 'typebox'
import { Bilingual } from '../text.js'

/** An error as every call answers it: application/problem+json (RFC 9457). */
export const Problem = Type.Object(
  {
    type: Type.String({ description: 'The code as a URN', examples: ['urn:singlewindow:error:HUB_NOT_FOUND'] }),
    title: Type.String({ description: 'What is wrong, in English', examples: ['Not found.'] }),
    status: Type.Integer({ description: 'The HTTP status', examples: [404] }),
    detail: Type.String({ description: 'What is wrong, in both languages', examples: ['未找到。 Not found.'] }),
    instance: Type.Optional(
      Type.String({ description: 'The request id; give it to the operator', examples: ['req_4fz0k2x9ab'] }),
    ),
    code: Type.String({ description: 'HUB_…, see docs/errors.md', examples: ['HUB_NOT_FOUND'] }),
    text: Bilingual,
    remedy: Bilingual,
  },
  { title: 'Problem', description: 'What went wrong and what to do' },
)
export type Problem = Static<typeof Problem>
