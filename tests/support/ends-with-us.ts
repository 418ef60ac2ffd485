// ends-with-us — what a test process has started and made ends with it, also when it is killed without a word: by a
// time limit, or because the run it works for has gone.
import { spawn, type ChildProcess } from 'node:child_process'

/**
 * Reads `+process 12 KILL`, `-process 12`, `+folder /tmp/hub-1` until whoever writes has ended. Then it ends the
 * processes, gives them a moment to let go of the folders, and removes these.
 */
const script = `processes=' '
folders=
while read -r what which; do
  case $what in
    +process) processes="$processes\${which% *}:\${which#* } " ;;
    -process) processes="\${processes%% $which:*} \${processes#* $which:* }" ;;
    +folder) folders="$folders$which
" ;;
  esac
done
for one in $processes; do kill -s "\${one#*:}" "\${one%:*}"; done
[ "$processes" = ' ' ] || sleep 1
printf %s "$folders" | tr '\\n' '\\0' | xargs -0 rm -rf`

let watcher: ChildProcess | undefined

function tell(line: string): void {
  if (!watcher) {
    // In a group of its own: a signal to all of the run does not reach it.
    watcher = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true, cwd: '/' })
    watcher.stdin!.on('error', () => {})
    // It keeps nobody alive.
    watcher.unref()
    ;(watcher.stdin as unknown as { unref(): void }).unref()
  }
  watcher.stdin!.write(`${line}\n`)
}

/**
 * Of a process that has been started.
 * @param signal what ends it and everything it has started. Default KILL
 */
export function endsWithUs(child: ChildProcess, signal: 'KILL' | 'QUIT' = 'KILL'): void {
  const { pid } = child
  if (pid === undefined) return
  tell(`+process ${pid} ${signal}`)
  // Its number is given out again.
  child.once('exit', () => tell(`-process ${pid}`))
}

/** Of a temporary folder; one that is not there any more is no trouble. */
export const goesWithUs = (folder: string): void => tell(`+folder ${folder}`)

// Nobody is left to hear of our tests. vitest has taken `process.exit` away.
process.once('disconnect', () => {
  process.emit('exit', 1)
  process.kill(process.pid, 'SIGKILL')
})
