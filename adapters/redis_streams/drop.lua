#!lua flags=allow-oom
-- Drops index and counters of runs without an open claim whose events are all archived; the mark and the drop are one step.
-- KEYS: meta, then index and counters of each run. ARGV: epoch, archive's head. Returns how many runs went.
local META = KEYS[1]
local meta = redis.call('HMGET', META, 'epoch', 'state', 'dropped')
if meta[1] ~= ARGV[1] or meta[2] ~= 'open' then return 0 end
local head, dropped, count = tonumber(ARGV[2]), tonumber(meta[3] or 0), 0

-- The run's last position, or nil when somebody works on the run.
local function last_of(index)
  local fields, last = redis.call('HGETALL', index), 0
  for place = 1, #fields, 2 do
    if fields[place] == '~' then
      if tonumber(fields[place + 1]) ~= 0 then return nil end
    elseif fields[place] ~= '!' then
      local first, span = fields[place + 1]:match('@(%d+)%+(%d+)$')
      last = math.max(last, tonumber(first) + tonumber(span) - 1)
    end
  end
  return last
end

for place = 2, #KEYS, 2 do
  local last = last_of(KEYS[place])
  if last and last > 0 and last <= head then
    if last > dropped then
      dropped = last
      redis.call('HSET', META, 'dropped', string.format('%d', dropped))
    end
    redis.call('UNLINK', KEYS[place], KEYS[place + 1])
    count = count + 1
  end
end
return count
