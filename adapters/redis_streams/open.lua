#!lua flags=allow-oom
-- Opens a healed partition, if it is still the one that was healed: same token, same server process, same last entry.
-- KEYS: meta, log, epochs. ARGV: token, run id, replication id, n, time, archived, layout, partitions,
--   then epoch, first position, ... of every epoch that could write.
-- Returns 'open', 'superseded' (a later healing), 'restarted' (the server is another) or 'moved' (the log is another).
local META, LOG, EPOCHS = KEYS[1], KEYS[2], KEYS[3]
local meta = redis.call('HMGET', META, 'token', 'time', 'archived')
if meta[1] ~= ARGV[1] then return tonumber(meta[1] or 0) > tonumber(ARGV[1]) and 'superseded' or 'restarted' end
local server = redis.call('INFO', 'server'):match('run_id:(%x+)')
local replication = redis.call('INFO', 'replication'):match('master_replid:(%x+)')
if server ~= ARGV[2] or replication ~= ARGV[3] then return 'restarted' end
local last = redis.call('XREVRANGE', LOG, '+', '-', 'COUNT', 1)
if (last[1] and last[1][1] or '0-0') ~= ARGV[4] .. '-0' then return 'moved' end

local function most(...) return string.format('%d', math.max(...)) end
local n = tonumber(ARGV[4])
redis.call('HSET', META, 'state', 'open', 'epoch', ARGV[1], 'run_id', server, 'replid', replication, 'n', ARGV[4],
  'time', most(tonumber(meta[2] or 0), tonumber(ARGV[5])),
  'archived', string.format('%d', math.min(n, math.max(tonumber(meta[3] or 0), tonumber(ARGV[6])))),
  'layout', ARGV[7], 'partitions', ARGV[8])
redis.call('HDEL', META, 'rebuild', 'report')
for place = 9, #ARGV, 2 do redis.call('HSET', EPOCHS, ARGV[place], ARGV[place + 1]) end
return 'open'
