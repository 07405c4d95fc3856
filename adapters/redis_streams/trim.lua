#!lua flags=allow-oom
-- Drops log entries before a position that the archive holds; never the last entry: ids must go on behind it.
-- KEYS: meta, log. ARGV: epoch, first position to keep. Returns how many entries went.
local meta = redis.call('HMGET', KEYS[1], 'epoch', 'state', 'n')
if meta[1] ~= ARGV[1] or meta[2] ~= 'open' then return 0 end
local keep = math.min(tonumber(ARGV[2]), tonumber(meta[3]))
return redis.call('XTRIM', KEYS[2], 'MINID', string.format('%d-0', keep))
