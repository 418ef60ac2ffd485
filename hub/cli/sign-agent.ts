// sign-agent — signs beside a U-Key or another key that does not leave its machine: asks a hub for work, signs, brings
// the value back. It calls the hub and is never called. Several may run for one signer; whoever asks first gets the
// next.
import type { Command } from 'commander'
import type { SignAgentOptions } from './sign-for-hub.js'

export function addSignAgent(program: Command): void {
  program
    .command('sign-agent')
    .description('sign for a hub with a key on this machine: a U-Key, a token or a file 加签代理')
    .argument('[command...]', 'a program that reads the bytes to sign and writes the signature, such as pkcs11-tool')
    .requiredOption('--cert <file>', 'the certificate of the key, PEM')
    .option('--key <file>', 'the private key, PEM, if it is a file')
    .option('--passphrase-env <variable>', 'environment variable with its passphrase')
    .option('--hub <url>', 'the hub; default HUB_URL')
    .option('--timeout <seconds>', 'the longest one signature may take', '10')
    .addHelpText(
      'after',
      `
Set the token in HUB_SIGN_TOKEN. On the hub, \`agentTokenEnv\` of the signer names the variable with the same token.

  HUB_SIGN_TOKEN=… hub sign-agent --hub https://hub.example --cert ceb.crt --key ceb.key
  HUB_SIGN_TOKEN=… hub sign-agent --hub https://hub.example --cert ukey.crt -- \\
      pkcs11-tool --module /usr/lib/vendor-pkcs11.so --sign --mechanism SHA256-RSA-PKCS --id 01 --pin env:PIN`,
    )
    .action(async (command: string[], options: SignAgentOptions) => {
      const { signForHub } = await import('./sign-for-hub.js')
      await signForHub(command, options)
    })
}
