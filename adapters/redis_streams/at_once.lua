-- Runs reading commands of one partition in one step: what MULTI does on a connection, for clients that have none to keep.
-- KEYS: every key the commands name. ARGV[1]: msgpack {{command, argument, ...}, ...}. Returns the replies.
local replies = {}
for place, command in ipairs(cmsgpack.unpack(ARGV[1])) do replies[place] = redis.call(unpack(command)) end
return replies
