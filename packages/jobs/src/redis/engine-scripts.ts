import { script } from "./script.ts";

// These also keep the lists of a tenant, so their keys lie in several slots: one primary, not a cluster. ARGV 1 to 5 are the same for all:
// prefix, id, now, milliseconds that frames and that records stay after the end.

const common = `
local prefix, id, now = ARGV[1], ARGV[2], ARGV[3]
local function key(name) return prefix .. ':{' .. id .. '}:' .. name end
local meta = key('meta')
local function get(name) return redis.call('HGET', meta, name) end
local function set(...) redis.call('HSET', meta, ...) end
local function hint(what) redis.call('PUBLISH', prefix .. ':hint:' .. id, what) end
local function tenant(name) return prefix .. ':tenant:' .. get('tenant') .. ':' .. name end
local function waits(yes)
  if yes then redis.call('SADD', tenant('queued'), id) else
    redis.call('SREM', tenant('queued'), id)
    redis.call('ZREM', prefix .. ':waiting', id)
  end
end
local function finish(reason, artifact, failure)
  if get('cancel') == '1' then reason, artifact, failure = 'cancelled', '', '' end
  set('state', reason, 'endedAt', now)
  if artifact ~= '' then set('artifact', artifact) end
  if failure ~= '' then set('error', failure) end
  redis.call('XADD', key('log'), get('epoch') .. '-' .. (get('lastSeq') + 1), 'e', reason)
  waits(false)
  redis.call('SREM', tenant('open'), id)
  redis.call('ZREM', prefix .. ':cancelling', id)
  redis.call('DEL', key('live'))
  redis.call('PEXPIRE', key('log'), ARGV[4])
  redis.call('PEXPIRE', key('checkpoint'), ARGV[4])
  redis.call('PEXPIRE', meta, ARGV[5])
  hint('e')
end
local state = get('state')
`;

/**
 * ARGV 6.. tenant, idempotency key ('' for none), specification, priority, queue, deadline, largest queue, most open jobs, trace context ('' for none).
 * Answers 'ok', { 'same' | 'conflict', id } or { 'full', waiting, open }.
 */
export const submit = script(`${common}
local lists = prefix .. ':tenant:' .. ARGV[6] .. ':'
local remembered = lists .. 'key:' .. ARGV[7]
if ARGV[7] ~= '' then
  local other = redis.call('GET', remembered)
  local text = other and redis.call('HGET', prefix .. ':{' .. other .. '}:meta', 'spec')
  if text then return { text == ARGV[8] and 'same' or 'conflict', other } end
end
local queued, open = redis.call('SCARD', lists .. 'queued'), redis.call('SCARD', lists .. 'open')
if queued >= tonumber(ARGV[12]) or open >= tonumber(ARGV[13]) then return { 'full', queued, open } end
set('tenant', ARGV[6], 'spec', ARGV[8], 'priority', ARGV[9], 'queue', ARGV[10], 'state', 'queued', 'cancel', '0', 'fence', 0, 'lost', 0,
  'epoch', 1, 'lastSeq', 0, 'firstSeq', 1, 'bytes', 0, 'submittedAt', now, 'deadline', ARGV[11], 'fed', 0, 'heard', 0)
if ARGV[14] ~= '' then set('trace', ARGV[14]) end
redis.call('ZADD', prefix .. ':waiting', ARGV[11], id)
redis.call('SADD', lists .. 'open', id)
waits(true)
redis.call('ZADD', lists .. 'all', redis.call('INCR', prefix .. ':submitted'), id)
redis.call('ZREMRANGEBYRANK', lists .. 'all', 0, -10001)
if ARGV[7] ~= '' then redis.call('SET', remembered, id, 'PX', math.floor(ARGV[5] + ARGV[11] - now)) end
return 'ok'`);

/** ARGV 6 device, 7 most lost attempts, 8 the error of a lost worker. Answers 'ended' or { fence, lost }. */
export const claim = script(`${common}
if not state or (state ~= 'queued' and state ~= 'running') then return 'ended' end
if get('cancel') == '1' then
  finish('cancelled', '', '')
  return 'ended'
end
if get('fence') == '0' and tonumber(now) > tonumber(get('deadline')) then
  finish('expired', '', '')
  return 'ended'
end
if state == 'running' then
  -- Its last worker let the lock go without a word.
  if redis.call('HINCRBY', meta, 'lost', 1) >= tonumber(ARGV[7]) then
    finish('failed', '', ARGV[8])
    return 'ended'
  end
end
local fence = redis.call('HINCRBY', meta, 'fence', 1)
set('state', 'running', 'device', ARGV[6])
redis.call('HSETNX', meta, 'startedAt', now)
waits(false)
hint('f')
return { fence }`);

/** Ends an attempt that did not end its job. ARGV 6 fence, 7 most lost attempts, 8 the error ('' for handed back). Answers 'queued' or 'ended'. */
export const release = script(`${common}
if state ~= 'running' or get('fence') ~= ARGV[6] then return 'ended' end
if get('cancel') == '1' then
  finish('cancelled', '', '')
  return 'ended'
end
if ARGV[8] ~= '' and redis.call('HINCRBY', meta, 'lost', 1) >= tonumber(ARGV[7]) then
  finish('failed', '', ARGV[8])
  return 'ended'
end
set('state', 'queued')
waits(true)
hint('j')
return 'queued'`);

/** ARGV 6 fence, 7 reason, 8 artifact, 9 error. */
export const end = script(`${common}
if not state then return 'unknown' end
if state ~= 'running' or get('fence') ~= ARGV[6] then return 'fenced' end
finish(ARGV[7], ARGV[8], ARGV[9])
return 'ok'`);

/** Answers whether there is such a job. */
export const cancel = script(`${common}
if not state then return 0 end
if state == 'queued' or state == 'running' then
  set('cancel', '1')
  if state == 'queued' then finish('cancelled', '', '') else
    redis.call('ZADD', prefix .. ':cancelling', 'NX', now, id)
    hint('c')
  end
end
return 1`);

/** Ends a job that waited too long. Answers 1 if it waits on, so that it can be put into its queue again if it is not there. */
export const expire = script(`${common}
if state ~= 'queued' then
  redis.call('ZREM', prefix .. ':waiting', id)
  return 0
end
if get('fence') == '0' and tonumber(now) > tonumber(get('deadline')) then
  finish('expired', '', '')
  return 0
end
return 1`);

/** Ends a job whose worker does not say that it stopped: it may be dead. From now on it is refused. */
export const settle = script(`${common}
redis.call('ZREM', prefix .. ':cancelling', id)
if state == 'running' and get('cancel') == '1' then finish('cancelled', '', '') end
return 1`);

/** Remembers that the job is in its queue. */
export const enqueued = script(`${common}
if state then set('enqueued', '1') end
return 1`);

/** Forgets a job. */
export const remove = script(`${common}
if not state then return 0 end
waits(false)
redis.call('SREM', tenant('open'), id)
redis.call('ZREM', tenant('all'), id)
redis.call('ZREM', prefix .. ':cancelling', id)
redis.call('DEL', meta, key('log'), key('checkpoint'), key('live'))
hint('c')
return 1`);

/** ARGV 6 fence, 7 progress. */
export const progress = script(`${common}
if state ~= 'running' or get('fence') ~= ARGV[6] then return 0 end
set('progress', ARGV[7])
hint('j')
return 1`);

/** ARGV 6 most samples, 7 bytes of sound ('' for its end). Entries are numbered by the sample after which they begin, plus one. */
export const feed = script(`${common}
if not state then return 'unknown' end
if (state ~= 'queued' and state ~= 'running') or get('liveEnd') then return 'closed' end
if ARGV[7] == '' then
  set('liveEnd', '1')
  hint('s')
  return 'ok'
end
local fed, count, most = tonumber(get('fed')), #ARGV[7] / 4, tonumber(ARGV[6])
if fed - get('heard') + count > most then return 'full' end
redis.call('XADD', key('live'), (fed + 1) .. '-0', 'b', ARGV[7])
fed = fed + count
set('fed', fed)
-- The chunk before the first whole one is dropped; a chunk has at most 16,000 samples.
while true do
  local two = redis.call('XRANGE', key('live'), '-', '+', 'COUNT', 1)
  if not two[1] or tonumber(string.match(two[1][1], '^%d+')) - 1 + #two[1][2][2] / 4 > fed - most then break end
  redis.call('XDEL', key('live'), two[1][1])
end
hint('s')
return 'ok'`);

/** ARGV 6 the id of the last chunk heard, 7 its last sample. Answers { chunks, whether it was ended }. */
export const hear = script(`${common}
if state and tonumber(ARGV[7]) > tonumber(get('heard')) then set('heard', ARGV[7]) end
return { redis.call('XRANGE', key('live'), '(' .. ARGV[6], '+', 'COUNT', 32), (not state or get('liveEnd')) and 1 or 0 }`);
