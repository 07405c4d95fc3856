#!lua flags=allow-oom
-- Takes, renews or gives up the lease of a role; the server ends it. Needs no free memory: somebody must go on scheduling.
-- KEYS: lease. ARGV: holder, lease in ms (0: give it up). Returns 1, or 0 when another holder has it.
local held = redis.call('GET', KEYS[1])
if held and held ~= ARGV[1] then return 0 end
if ARGV[2] == '0' then
  redis.call('DEL', KEYS[1])
else
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
end
return 1
