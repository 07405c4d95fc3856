#!lua flags=allow-oom
-- Writes of a healing: refused unless the partition still carries the healing's token.
-- KEYS: meta, then every key of the commands. ARGV[1]: token; ARGV[2]: msgpack list of commands. Returns 1 or 0.
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then return 0 end
for _, command in ipairs(cmsgpack.unpack(ARGV[2])) do
  local reply = redis.pcall(unpack(command))
  if type(reply) == 'table' and reply.err and not reply.err:find('BUSYGROUP', 1, true) then return reply end
end
return 1
