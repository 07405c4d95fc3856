-- Removes a consumer that has nothing pending; removing one that has would drop its messages for good (I14).
-- KEYS: the stream. ARGV: group, consumer. Returns 1 when the consumer is gone, 0 when it has something pending.
local pending = redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1, ARGV[2])
if #pending > 0 then return 0 end
redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
return 1
