// redis-trouble — what a refusal of Redis means for who runs the hub, where its own words do not say what to do.

/** The first that fits. */
const meanings: [RegExp, string][] = [
  [
    /cluster support disabled/,
    'this server is no cluster: set REDIS_URL to redis://host:port. 该 Redis 不是集群，REDIS_URL 请改用 redis://',
  ],
  [
    /^(MOVED|ASK) /,
    'this server is one node of a Redis Cluster: set REDIS_URL (redisUrl) to redis+cluster://host:port,host:port. ' +
      '该地址是 Redis 集群的一个节点，REDIS_URL（redisUrl）请改用 redis+cluster://',
  ],
  [
    /CLUSTERDOWN/,
    'the Redis Cluster does not serve the slot of the hub’s keys: look at `redis-cli --cluster check`. ' +
      'Redis 集群不可用，请用 redis-cli --cluster check 检查',
  ],
  [
    /NOAUTH|WRONGPASS/,
    'the user or password in REDIS_URL (redisUrl) is missing or wrong. REDIS_URL（redisUrl）的用户名或密码缺失或错误',
  ],
  [
    /TRYAGAIN/,
    'the slot of the hub’s keys is being moved to another node; the hub goes on when that is done. ' +
      'Redis 集群正在迁移槽位，完成后自动恢复',
  ],
  [
    /CROSSSLOT/,
    'keys in two slots in one command, which no cluster takes: the hub keeps all of its own in the slot of `{hub}`; ' +
      'does a proxy change keys? 一条命令的键不在同一槽位，请检查代理是否改写了键名',
  ],
  [
    /bad lua script for redis cluster/,
    'this service looks into scripts and refuses those of the queues, whose keys are all in one slot: set ' +
      'script_check_enable to 0. 请将实例参数 script_check_enable 设为 0',
  ],
  [
    /^READONLY/,
    'this server is a replica: name the primary, its sentinels (redis+sentinel://) or the cluster ' +
      '(redis+cluster://). 该 Redis 是只读副本，请填写主节点、哨兵或集群的地址',
  ],
]

/** The error in Redis's words, with what to do where that is known, in English and Chinese. */
export function redisTrouble(error: unknown): string {
  const { message, lastNodeError } = error as { message?: unknown; lastNodeError?: { message?: unknown } | null }
  const said = typeof message === 'string' ? message : String(error)
  const cause = lastNodeError?.message
  const whole = typeof cause === 'string' ? `${said} ${cause}` : said
  const meaning = meanings.find(([form]) => form.test(said) || (typeof cause === 'string' && form.test(cause)))
  return meaning ? `${whole}: ${meaning[1]}` : whole
}

const clusterStates =
  /^(MOVED|ASK|TRYAGAIN|CLUSTERDOWN) |^(Too many Cluster redirections|Failed to refresh slots|None of startup nodes)/

/** Is it the server's or the cluster's state, of which the connection speaks, and not a fault of this command? */
export const isClusterState = (error: unknown) => error instanceof Error && clusterStates.test(error.message)
