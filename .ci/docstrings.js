// docstrings — a rule of the lint: what a file exports has a docstring, and so has each public member of an exported
// class. A type that is only the type of a value (`ReturnType<typeof createGate>`) is told of where the value is; of a
// value and a type of one name, one is enough.

/** @param {any} node */
const isDerived = ({ type, typeAnnotation: of }) => {
  if (type !== 'TSTypeAliasDeclaration') return false
  const text = (/** @type {any} */ one) => one?.typeName?.name
  const inner = text(of) === 'Awaited' ? of.typeArguments?.params[0] : of
  return (
    (['ReturnType', 'Static'].includes(text(inner)) && inner.typeArguments?.params[0]?.type === 'TSTypeQuery') ||
    (of.type === 'TSIndexedAccessType' && of.objectType.type === 'TSTypeQuery') ||
    (of.type === 'TSTypeOperator' && of.typeAnnotation?.type === 'TSTypeQuery')
  )
}

/** @param {any} declaration @returns {string[]} */
const namesOf = ({ id, declarations }) =>
  declarations ? declarations.map((/** @type {any} */ one) => one.id.name ?? '') : [id?.name ?? '']

/** @type {import('eslint').Rule.RuleModule} */
const rule = {
  meta: { type: 'suggestion', schema: [], messages: { missing: '{{name}} is exported and has no docstring.' } },
  create({ sourceCode, report }) {
    const isTold = (/** @type {any} */ node) =>
      sourceCode.getCommentsBefore(node).some(({ type, value }) => type === 'Block' && value.startsWith('*'))
    return {
      Program({ body }) {
        const exported = body.filter(({ type }) => type === 'ExportNamedDeclaration').filter((one) => one.declaration)
        const told = new Set(exported.filter(isTold).flatMap(({ declaration }) => namesOf(declaration)))
        for (const { declaration } of exported) {
          const names = namesOf(declaration)
          if (!isDerived(declaration) && !names.some((name) => told.has(name)))
            if (!isTold(declaration.parent))
              report({ node: declaration, messageId: 'missing', data: { name: names.join(', ') } })
          for (const member of declaration.body?.type === 'ClassBody' ? declaration.body.body : []) {
            const { key, kind, override, accessibility } = member
            const isOurs = kind === 'constructor' || override || accessibility === 'private' || !key
            if (!isOurs && key.type === 'Identifier' && !isTold(member))
              report({ node: member, messageId: 'missing', data: { name: `${namesOf(declaration)[0]}.${key.name}` } })
          }
        }
      },
    }
  },
}

/** The plugin, as eslint.config.js takes it. */
export default { rules: { docstrings: rule } }
