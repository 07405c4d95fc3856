-- Puts messages into a work queue that should have them; in the epoch in which they were missed only.
-- KEYS: meta, queue. ARGV: epoch, then the messages. Returns how many were added.
local meta = redis.call('HMGET', KEYS[1], 'epoch', 'state')
if meta[1] ~= ARGV[1] or meta[2] ~= 'open' then return 0 end
for place = 2, #ARGV do redis.call('XADD', KEYS[2], '*', '__data__', ARGV[place]) end
return #ARGV - 1
