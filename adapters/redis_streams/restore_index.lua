-- Puts the index and counters of a cold run back, unless somebody did already or a later index was dropped meanwhile.
-- KEYS: meta, index, counters. ARGV[1]: archive position up to which the fields are complete;
-- ARGV[2]: msgpack {index fields, counter fields}, both flat. Returns 1 when the index is there now, 0 to read again.
if redis.call('EXISTS', KEYS[2]) == 1 then return 1 end
local dropped = tonumber(redis.call('HGET', KEYS[1], 'dropped') or 0)
if dropped > tonumber(ARGV[1]) then return 0 end
local fields = cmsgpack.unpack(ARGV[2])
for place = 1, 2 do
  for start = 1, #fields[place], 1000 do
    redis.call('HSET', KEYS[place + 1], unpack(fields[place], start, math.min(start + 999, #fields[place])))
  end
end
return 1
