// cluster — a connection to a Redis Cluster that does not wait for ever for a node that hangs. BullMQ makes one of its
// own for each worker (`duplicate`), closes it when a job is waited for too long, and waits until it is there again: a
// worker that waits for that in vain sends nothing until its hub is started anew.
import { Cluster, type ClusterNode, type ClusterOptions } from 'ioredis'

/** What a node may take for an answer: short for a new connection with TLS on a busy machine. */
export const nodeAnswersMs = 3000

/** As ioredis's, where any node may hang at any moment. */
export class HubCluster extends Cluster {
  readonly #startupNodes: ClusterNode[]

  constructor(startupNodes: ClusterNode[], options: ClusterOptions) {
    super(startupNodes, options)
    this.#startupNodes = startupNodes
  }

  override duplicate(startupNodes: ClusterNode[] = [], options: ClusterOptions = {}): HubCluster {
    const nodes = startupNodes.length > 0 ? startupNodes : this.#startupNodes
    return new HubCluster(nodes, { ...this.options, ...options })
  }

  /** Settles with the first of its attempts that succeeds: ioredis's is that of the first attempt for ever. */
  override connect(): Promise<void> {
    return new Promise((resolve, reject) => {
      const settling = (outcome: () => void) => () => {
        this.off('ready', ready)
        this.off('end', end)
        outcome()
      }
      const ready = settling(resolve)
      const end = settling(() => reject(new Error('Connection is closed.')))
      this.on('ready', ready)
      this.on('end', end)
      super.connect().then(ready, (error: Error) => settling(() => reject(error))())
    })
  }
}

type ReadyCheck = (this: Cluster, callback: (error: unknown, state?: string) => void) => void
const { readyCheck } = Cluster.prototype as unknown as { readyCheck: ReadyCheck }

/** Before it counts as ready a node of its own choice is asked how the cluster is: without an answer, once more. */
const boundedReadyCheck: ReadyCheck = function (callback) {
  let asked = true
  const tell: typeof callback = (error, state) => {
    clearTimeout(late)
    if (asked) callback(error, state)
    asked = false
  }
  const late = setTimeout(() => tell(new Error('no answer to CLUSTER INFO')), nodeAnswersMs)
  readyCheck.call(this, tell)
}
Object.assign(HubCluster.prototype, { readyCheck: boundedReadyCheck })
