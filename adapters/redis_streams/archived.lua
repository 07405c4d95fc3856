#!lua flags=allow-oom
-- Marks how far the archive holds the log; in its epoch only, and never back.
-- KEYS: meta. ARGV: epoch, n.
local meta = redis.call('HMGET', KEYS[1], 'epoch', 'state', 'archived')
if meta[1] ~= ARGV[1] or meta[2] ~= 'open' then return 0 end
if tonumber(ARGV[2]) > tonumber(meta[3] or 0) then redis.call('HSET', KEYS[1], 'archived', ARGV[2]) end
return 1
