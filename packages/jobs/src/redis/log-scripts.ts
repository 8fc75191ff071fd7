import { script } from "./script.ts";

// Each of these checks the fence and writes in one atomic step, on keys of one job only.

const guard = `
local m = redis.call('HMGET', KEYS[1], 'state', 'fence', 'cancel', 'epoch', 'lastSeq')
if not m[1] then return 'unknown' end
if m[1] ~= 'running' or m[2] ~= ARGV[1] then return 'fenced' end
if m[3] == '1' then return 'cancelled' end
local epoch, last = m[4], tonumber(m[5])
`;

/** KEYS meta log. ARGV fence seq frames bytes channel mime pts duration width height data. Entries are `<epoch>-<seq>`: the cursor is the id. */
export const append = script(`${guard}
local seq = tonumber(ARGV[2])
if seq <= last then return 'duplicate' end
if seq ~= last + 1 then return last end
redis.call('XADD', KEYS[2], epoch .. '-' .. ARGV[2], 'm', ARGV[6], 'p', ARGV[7], 't', ARGV[8], 'w', ARGV[9], 'h', ARGV[10], 'b', ARGV[11])
local bytes = redis.call('HINCRBY', KEYS[1], 'bytes', #ARGV[11])
redis.call('HSET', KEYS[1], 'lastSeq', ARGV[2])
local first = tonumber(redis.call('HGET', KEYS[1], 'firstSeq'))
local before = first
while seq - first + 1 > tonumber(ARGV[3]) or (bytes > tonumber(ARGV[4]) and first < seq) do
  local old = redis.call('XRANGE', KEYS[2], epoch .. '-' .. first, epoch .. '-' .. first)
  if old[1] then
    bytes = bytes - #old[1][2][12]
    redis.call('XDEL', KEYS[2], old[1][1])
  end
  first = first + 1
end
if first ~= before then redis.call('HSET', KEYS[1], 'firstSeq', first, 'bytes', bytes) end
redis.call('PUBLISH', ARGV[5], 'e')
return 'ok'`);

/** KEYS meta log checkpoint. ARGV fence channel. Answers { epoch, lastSeq, seq, state }. */
export const start = script(`${guard}
local c = redis.call('HMGET', KEYS[1], 'checkpointEpoch', 'checkpointSeq')
local state = redis.call('GET', KEYS[3])
if state and c[1] == epoch and tonumber(c[2]) <= last then return { epoch, last, c[2], state } end
if last == 0 then return { epoch, 0 } end
redis.call('DEL', KEYS[2], KEYS[3])
epoch = redis.call('HINCRBY', KEYS[1], 'epoch', 1)
redis.call('HSET', KEYS[1], 'lastSeq', 0, 'firstSeq', 1, 'bytes', 0)
redis.call('PUBLISH', ARGV[2], 'e')
return { epoch, 0 }`);

/** KEYS meta checkpoint. ARGV fence seq state. */
export const checkpoint = script(`${guard}
if tonumber(ARGV[2]) > last then return last end
redis.call('SET', KEYS[2], ARGV[3])
redis.call('HSET', KEYS[1], 'checkpointEpoch', epoch, 'checkpointSeq', ARGV[2])
return 'ok'`);

/** KEYS meta checkpoint. Answers { epoch, seq, state }. */
export const latest = script(`
local c = redis.call('HMGET', KEYS[1], 'state', 'checkpointEpoch', 'checkpointSeq')
if not c[1] then return 'unknown' end
local state = redis.call('GET', KEYS[2])
if not state then return {} end
return { c[2], c[3], state }`);

/** KEYS meta log. ARGV id of the last entry known ('' for no entries), count. Answers { the meta hash, whether there is a log, entries }. */
export const look = script(`
local meta = redis.call('HGETALL', KEYS[1])
local entries = {}
if ARGV[1] ~= '' then entries = redis.call('XRANGE', KEYS[2], '(' .. ARGV[1], '+', 'COUNT', ARGV[2]) end
return { meta, redis.call('EXISTS', KEYS[2]), entries }`);

/** KEYS meta log checkpoint. ARGV channel. */
export const purge = script(`
local last = redis.call('HGET', KEYS[1], 'lastSeq')
if not last then return 'unknown' end
redis.call('DEL', KEYS[2], KEYS[3])
redis.call('HSET', KEYS[1], 'firstSeq', last + 1, 'bytes', 0)
redis.call('PUBLISH', ARGV[1], 'e')
return 'ok'`);
