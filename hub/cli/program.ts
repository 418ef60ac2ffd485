// program — the `hub` command. One file a command; this one only names them and turns errors into sentences. A command
// that needs the hub's own parts loads them when it runs, so that all others answer at once.
import { Command, Help } from 'commander'
import { buildVersion, packageVersion } from '../config/build.js'
import { CliError } from './client.js'
import { addAgency } from './agency.js'
import { addBackup } from './backup.js'
import { addCatalogue } from './catalogue.js'
import { addDoctor } from './doctor.js'
import { addForm } from './form.js'
import { addHold } from './hold.js'
import { addKeys } from './keys.js'
import { addLedger } from './ledger.js'
import { addMessage } from './message.js'
import { addMessages } from './messages.js'
import { addOpenApi } from './openapi.js'
import { addApprovals, addOperator } from './operator.js'
import { inBothLanguages } from './parser-errors.js'
import { addPartner } from './partner.js'
import { addProof } from './proof.js'
import { addQuery } from './query.js'
import { addReceiptKeys } from './receipt-keys.js'
import { addRetention } from './retention.js'
import { addSchema } from './schema.js'
import { addSearch } from './search.js'
import { addSend } from './send.js'
import { addSimulate } from './simulate.js'
import { addSignAgent } from './sign-agent.js'
import { addSigner } from './signer.js'
import { addStart } from './start.js'
import { addStatus } from './status.js'
import { addWatch } from './watch.js'
import { addNeedsAttention } from './needs-attention.js'

const program = new Command('hub')
  .description('Message exchange with China’s International Trade Single Window 国际贸易单一窗口报文交换')
  .version(buildVersion)
  .addHelpText(
    'after',
    `
First steps:
  npm start                                   start a hub with an agency simulator and a demo partner
  hub send xsd/families/ceb/samples/CEB621Message.xml --wait
                                              send a declaration and watch its receipts arrive
  hub validate FILE                           check a message, record nothing
  hub receipts                                read and acknowledge what waits in the mailbox

\`hub\` is dist/hub/cli/main.js of the project. In its folder \`npx hub …\` runs it; \`npm link\` puts it on the PATH;
the image has it. The commands find the hub by HUB_URL, HUB_KEY and HUB_OPS_KEY, or by ./data/demo.env (HUB_DATA:
another folder), which \`npm start\` writes.
Every command takes --json. Times are Beijing's (UTC+8), in --json UTC.
Exit code: 0 done, 1 something to fix, 2 a message was refused or failed.`,
  )
  .showHelpAfterError('(add --help for what it takes 加 --help 查看用法)')
  .configureOutput({ outputError: (said, write) => write(inBothLanguages(said)) })
  .configureHelp({
    // As it is typed, without the quotation marks and brackets of JSON.
    optionDescription: (option) =>
      new Help()
        .optionDescription(option)
        .replace(/(?<=default: )(".*"|\[.*\])(?=\))/, (value) => [JSON.parse(value) as string[]].flat().join(' ')),
  })

for (const add of [
  addStart,
  addSend,
  addMessage,
  addMessages,
  addStatus,
  addSearch,
  addQuery,
  addPartner,
  addSchema,
  addSigner,
  addSignAgent,
  addForm,
  addCatalogue,
  addSimulate,
  addAgency,
  addNeedsAttention,
  (all: Command) => addProof(all, addWatch(all)),
  addBackup,
  addLedger,
  addRetention,
  addHold,
  addReceiptKeys,
  addKeys,
  addOperator,
  addApprovals,
  addDoctor,
])
  add(program)
addOpenApi(program, packageVersion)

/** Errors whose message says all there is to say. */
const sentences = new Set([
  ...['ConfigError', 'FolderError', 'SetupError'],
  ...['DataError', 'FormDataError', 'RoutingDataError', 'RuleDataError'],
])

// A reader that has seen enough (`| head`) closes the pipe: no fault of anybody's.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(process.exitCode ?? 0)
})

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof CliError || (error instanceof Error && sentences.has(error.name)))) throw error
  process.stderr.write(`hub: ${error.message}\n`)
  process.exitCode = 1
}
