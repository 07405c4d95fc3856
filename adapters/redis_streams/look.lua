#!lua flags=allow-oom
-- One look at a partition and its server; refreshes the pressure. Needs no free memory: it must work when all is full.
-- KEYS: meta, log. Returns {run id, replication id, facts of the append-only file, first id, last id, meta flat, time in ms}.
local META, LOG = KEYS[1], KEYS[2]
local server = redis.call('INFO', 'server')
local replication = redis.call('INFO', 'replication')
local persistence = redis.call('INFO', 'persistence')
local memory = redis.call('INFO', 'memory')
local clock = redis.call('TIME')

local function fact(text, name) return text:match('%f[%w_]' .. name .. ':([^\r\n]*)') or '' end

local first = redis.call('XRANGE', LOG, '-', '+', 'COUNT', 1)
local last = redis.call('XREVRANGE', LOG, '+', '-', 'COUNT', 1)

local most = tonumber(fact(memory, 'maxmemory')) or 0
local pressure = most > 0 and math.floor(tonumber(fact(memory, 'used_memory')) * 100 / most) or 0
pressure = string.format('%d', math.min(pressure, 100))
local known = redis.call('HGET', META, 'pressure')
if redis.call('HEXISTS', META, 'layout') == 1 and known ~= pressure then
  redis.call('HSET', META, 'pressure', pressure)
end

return {
  fact(server, 'run_id'), fact(replication, 'master_replid'),
  {
    fact(persistence, 'aof_enabled'), fact(persistence, 'aof_rewrite_in_progress'),
    fact(persistence, 'aof_rewrite_scheduled'), fact(persistence, 'aof_last_rewrite_time_sec'),
    fact(persistence, 'aof_last_bgrewrite_status'),
  },
  first[1] and first[1][1] or '0-0', last[1] and last[1][1] or '0-0',
  redis.call('HGETALL', META), string.format('%d', clock[1] * 1000 + math.floor(clock[2] / 1000)),
}
