// catalogue — what can be sent: operations, with the schemas and samples of their documents.
import type * as view from '../../../../messages/views/index.js'

/** @see [buildHttpDoor](../../../../hub/boot/http.ts) */
export interface CatalogueParts {
  operations: (filter: { prefix?: string; all: boolean; q?: string }) => view.OperationSummary[]
  operation: (code: string) => view.OperationView | undefined
  /** The schemas of an operation's documents, each with all it includes, as text. */
  schemas: (code: string) => { file: string; content: string }[] | undefined
  /** The first is filed as this operation, where there is one. `json`: the same as JSON, where its document is ours. */
  samples: (code: string) => Promise<{ file: string; content: Buffer; json?: Buffer }[] | undefined>
  /** A sample of its document, whatever that is filed as. */
  example: (code: string) => Buffer | undefined
  /** The JSON Schema of its document, where it is one of ours. */
  jsonSchema: (code: string) => string | undefined
  /** A zip of schemas, samples and JSON Schema. */
  bundle: (code: string) => Promise<Buffer | undefined>
}
