// catalogue — an operation as it is read: its place in the catalogue, its agencies, its documents, and where its
// schemas and samples are.
import { Type, type Static } from 'typebox'
import { Condition, DocumentType } from '../document-type.js'
import { Bilingual } from '../text.js'
import * as field from './fields.js'

/** What an operation is: something to file, to ask, to print, or to be told of. */
export const operationKinds = ['filing', 'query', 'document', 'notice'] as const

/** A category, system, service or function. */
export const CataloguePlace = Type.Object(
  { code: field.Text('Beginning of the catalogue code', '10.1'), title: Bilingual },
  { title: 'CataloguePlace', description: 'A category, system, service or function' },
)
export type CataloguePlace = Static<typeof CataloguePlace>

const entry = {
  code: field.OperationCode,
  title: Bilingual,
  kind: Type.Enum(operationKinds, {
    description:
      '`filing`: receipts come back. `query`, `document`: the answer is a receipt. `notice`: the agency sends ' +
      'it without being asked',
  }),
  agencies: Type.Array(field.AgencyCode, { description: 'The agency it goes to' }),
  documents: Type.Array(
    Type.Object(
      {
        type: field.DocumentTypeId,
        when: Type.Optional({
          ...Condition,
          description: 'Conditions on its facts: a value, a list of values, or a /regular expression/',
          examples: [{ appType: '1' }],
        }),
      },
      { description: 'A document type of the operation' },
    ),
    { description: 'Empty: planned, its format is not taken yet' },
  ),
  category: CataloguePlace,
  system: CataloguePlace,
  service: CataloguePlace,
  function: CataloguePlace,
}

/** An operation and where it stands. */
export const CatalogueEntry = Type.Object(entry)
export type CatalogueEntry = Static<typeof CatalogueEntry>

const summary = {
  ...entry,
  status: Type.Enum(['working', 'planned'], { description: '`planned`: its format is not taken yet' }),
}

/** One operation of the catalogue. */
export const OperationSummary = Type.Object(summary, {
  title: 'OperationSummary',
  description: 'One operation of the catalogue 业务',
})
export type OperationSummary = Static<typeof OperationSummary>

/** Operations; the answer to `GET /v1/catalogue`. */
export const OperationList = Type.Object(
  { operations: Type.Array(OperationSummary) },
  { title: 'OperationList', description: 'Operations 业务目录' },
)
export type OperationList = Static<typeof OperationList>

const { id, title, root, namespace, facts, source, schemas } = DocumentType.properties

/** One operation with its documents; the answer to `GET /v1/catalogue/:code`. */
export const OperationView = Type.Object(
  {
    ...summary,
    links: Type.Optional(
      Type.Object(
        {
          schema: field.Text('Its XSDs', '/v1/catalogue/10.1.1.1.1/schema'),
          bundle: field.Text('All of this in one zip', '/v1/catalogue/10.1.1.1.1/bundle.zip'),
          sample: field.Text('A valid sample', '/v1/catalogue/10.1.1.1.1/sample'),
          jsonSchema: Type.Optional(field.Text('The JSON Schema of a form', '/v1/catalogue/1.2.1.1.1/json-schema')),
          page: Type.Optional(field.Text('Its page in the documentation', 'docs/forms/license.md')),
        },
        { description: 'Where its schemas and samples are; absent of a planned one' },
      ),
    ),
    documentTypes: Type.Array(
      Type.Object(
        {
          id,
          title,
          root,
          namespace,
          schemas,
          facts: { ...facts, description: 'Single values read from the message: name to path' },
          reference: Type.Optional(field.Text("Name of the fact that is the sender's own reference", 'orderNo')),
          folder: Type.Optional(field.Text('Import folder of the Single Window client', 'Deccus001')),
          source,
        },
        { title: 'DocumentType', description: 'A document type and how it is recognised 单证类型' },
      ),
    ),
  },
  { title: 'Operation', description: 'One operation with its documents 业务' },
)
export type OperationView = Static<typeof OperationView>

/** The XSDs of an operation, with all they include; the answer to `GET /v1/catalogue/:code/schema`. */
export const SchemaList = Type.Object(
  {
    schemas: Type.Array(
      Type.Object(
        {
          file: field.Text('Its name; includes name each other so', 'ceb/CEB311Message.xsd'),
          content: field.Text('The XSD', '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"/>'),
        },
        { description: 'One XSD' },
      ),
    ),
  },
  { title: 'SchemaList', description: 'The XSDs of an operation, with all they include' },
)
export type SchemaList = Static<typeof SchemaList>

/** JSON Schema (2020-12) of a form sent as JSON. Further members are those of the standard. */
export const JsonSchema = Type.Object(
  {
    $schema: field.Text('The standard it is written in', 'https://json-schema.org/draft/2020-12/schema'),
    title: field.Text('Name of the document', '中华人民共和国海关行政裁定申请书'),
    type: field.Text('object', 'object'),
  },
  {
    title: 'JsonSchema',
    additionalProperties: true,
    description: 'JSON Schema (2020-12) of a form sent as JSON. Further members are those of the standard',
  },
)
