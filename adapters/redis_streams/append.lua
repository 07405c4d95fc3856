-- Appends units to one partition. Each unit is checked whole before its own first write: Lua has no rollback.
-- KEYS: meta, log, positions, then every index, counter and queue key that a unit names by its place in KEYS.
-- ARGV[1]: msgpack {layout, repeated, units, together}; repeated: a unit may have been applied before;
-- together: all or none, and none touches what another does.
-- A unit is
--   {append id, index key, counter key, absent at, admission,
--    expects {{aggregate, version, append id}}, guard {version, append id},
--    events {{aggregate, type, meta head, effects, body, queue key}}, counters {{kind, dimension, holder, amount}},
--    advance {reactor, to n, to epoch, expected n or -1}, acks {{queue key, message id}}, control, claims};
--   false stands for what a unit does not have (it is cheaper to unpack than an empty table), but events are always there.
-- Returns {word, ...} for the whole call, or {"done", epoch, time, archived, outcome, ...}, an outcome being {word, ...}.
local call = cmsgpack.unpack(ARGV[1])
local META, LOG, POSITIONS = KEYS[1], KEYS[2], KEYS[3]

local meta = redis.call('HMGET', META, 'layout', 'state', 'epoch', 'run_id', 'replid', 'n', 'time', 'dropped', 'pressure', 'archived')
if not meta[1] then return {'closed'} end
if tonumber(meta[1]) ~= call[1] then return {'layout', meta[1]} end
if meta[2] ~= 'open' then -- closed, or halted: with a report a person must look, without one the healer comes
  local report = redis.call('HGET', META, 'report')
  return meta[2] == 'halted' and report and {'halted', report} or {'closed'}
end
local info = redis.call('INFO', 'server', 'replication')
local function says(fact, value) -- a plain search: a pattern is tried at every place of a long text
  return value and info:find(fact .. value .. '\r', 1, true)
end
if not (says('run_id:', meta[4]) and says('master_replid:', meta[5])) then return {'closed'} end

local epoch = tonumber(meta[3])
local seq = tonumber(meta[6])
local dropped = tonumber(meta[8] or 0)
local pressure = tonumber(meta[9] or 0)
local clock = redis.call('TIME')
local now = math.max(clock[1] * 1000 + math.floor(clock[2] / 1000), tonumber(meta[7] or 0))
local started, halted = seq, false
local NONE = {}

local function integer(value) return string.format('%d', value) end

-- The position where an append of this id began in an aggregate's field, if it is there.
local function written_by(field, id)
  if not field then return nil end
  local from, to = field:find(';' .. id .. '@', 1, true)
  if not from then return nil end
  return tonumber(field:match('^%d+', to + 1))
end

local function time_of(n)
  local found = redis.call('XRANGE', LOG, integer(n) .. '-0', integer(n) .. '-0')
  if #found == 0 then return 0 end
  return tonumber(found[1][2][4]:match('^[^\t]*\t[^\t]*\t[^\t]*\t[^\t]*\t[^\t]*\t(%d+)'))
end

local function repeated(first, count)
  return {'ok', integer(first), count, integer(time_of(first)), 1}
end

-- The outcome of the first reservation that exceeds its bound, judged step by step as the steps will be written.
local function exceeded(key, steps)
  local known = {}
  local function read(field) -- a number, or false where there is none
    if known[field] == nil then known[field] = tonumber(redis.call('HGET', key, field) or nil) or false end
    return known[field]
  end
  for _, step in ipairs(steps) do
    local kind, dimension, amount = step[1], step[2], step[4]
    local limit, spent, reserved = 'l:' .. dimension, 's:' .. dimension, 'r:' .. dimension
    local holder = 'h:' .. dimension .. ':' .. step[3]
    if kind == 'l' then
      known[limit] = amount
    elseif kind == 'r' then
      local before, used = read(reserved) or 0, read(spent) or 0
      if read(limit) and used + before + amount > known[limit] then
        return {'exhausted', dimension, integer(known[limit]), integer(used), integer(before)}
      end
      known[reserved] = before + amount
      known[holder] = (read(holder) or 0) + amount
    elseif read(holder) then
      known[reserved] = (read(reserved) or 0) - known[holder]
      known[spent] = (read(spent) or 0) + amount
      known[holder] = false
    end
  end
  return nil
end

-- nil when the unit may be written, else its outcome. `fields` receives what the index says of each aggregate.
local function check(unit, fields)
  local id, index, events = unit[1], KEYS[unit[2]], unit[8]
  if unit[4] < dropped and (#events > 0 or unit[6] or unit[7]) and redis.call('EXISTS', index) == 0 then
    return {'cold'}
  end
  local function field(aggregate)
    if fields[aggregate] == nil then fields[aggregate] = redis.call('HGET', index, aggregate) end
    return fields[aggregate]
  end
  local function own()
    return #events > 0 and written_by(field(events[1][1]), id)
  end
  local anchored = false -- an expectation of the first event's aggregate fails when the unit is there already
  for _, expect in ipairs(unit[6] or NONE) do
    anchored = anchored or #events > 0 and expect[1] == events[1][1]
  end
  if not anchored then
    local first = own()
    if first then return repeated(first, #events) end
  end
  for _, expect in ipairs(unit[6] or NONE) do
    local found = field(expect[1])
    local version, writer = 0, ''
    if found then
      version = tonumber(found:match('^%d+'))
      writer = found:match(';([^;@]+)@[^;]*$')
    end
    if version ~= expect[2] or writer ~= expect[3] then
      local first = own()
      if first then return repeated(first, #events) end
      return {'conflict', expect[1], version, writer}
    end
  end
  if unit[7] then
    local version, writer, state = '0', '', ''
    local found = field('!')
    if found then version, writer, state = found:match('^(%d+);([^;]*);(.*)$') end
    if tonumber(version) ~= unit[7][1] or writer ~= unit[7][2] then
      return {'guarded', tonumber(version), writer, state}
    end
  end
  if unit[5] > 0 and pressure >= unit[5] then return {'pressure', pressure} end
  local exhausted = unit[9] and exceeded(KEYS[unit[3]], unit[9])
  if exhausted then return exhausted end
  if unit[10] then
    local advance = unit[10]
    local found = redis.call('HGET', POSITIONS, advance[1]) or '0;0'
    local n, at = found:match('^(%d+);(%d+)$')
    n = tonumber(n)
    local fits = advance[4] < 0 and n < advance[2] or advance[4] >= 0 and n == advance[4]
    if call[2] and #events == 0 then fits = fits or n == advance[2] and tonumber(at) == advance[3] end -- it was there before, and left no trace to look for
    if advance[3] ~= epoch or not fits then
      return {'misplaced', advance[1], integer(n), tonumber(at)}
    end
  end
  return nil
end

local function step_counter(key, step)
  local kind, dimension, holder, amount = step[1], step[2], step[3], step[4]
  if kind == 'l' then
    redis.call('HSET', key, 'l:' .. dimension, integer(amount))
    return
  end
  local reservation = 'h:' .. dimension .. ':' .. holder
  local held = redis.call('HGET', key, reservation)
  if kind == 'r' then
    redis.call('HSET', key, reservation, integer(amount + tonumber(held or 0)))
    redis.call('HINCRBY', key, 'r:' .. dimension, integer(amount))
  elseif held then
    redis.call('HDEL', key, reservation)
    redis.call('HINCRBY', key, 'r:' .. dimension, integer(-tonumber(held)))
    redis.call('HINCRBY', key, 's:' .. dimension, integer(amount))
  end
end

local function message(n, unit, event, run, version)
  return table.concat({
    '{"n":', integer(n), ',"run":', cjson.encode(run), ',"aggregate":', cjson.encode(event[1]),
    ',"version":', integer(version), ',"append":"', unit[1], '","type":"', event[2], '","event":', event[5], '}',
  })
end

-- Writes a checked unit; returns its outcome. Positions, versions and segments are given out here.
local function write(unit, fields)
  local id, index, events = unit[1], KEYS[unit[2]], unit[8]
  local first, changed, segments = seq + 1, {}, {}
  for place, event in ipairs(events) do
    local aggregate, n = event[1], seq + 1
    local found = changed[aggregate] or fields[aggregate]
    if found == nil then found = redis.call('HGET', index, aggregate) end
    local version, rest = 1, ''
    if found then
      version = tonumber(found:match('^%d+')) + 1
      rest = found:match('^%d+(.*)$')
    end
    local segment = segments[aggregate]
    if segment and segment[1] + segment[2] == n then
      segment[2] = segment[2] + 1
      rest = segment[3]
    else
      segment = {n, 1, rest}
      segments[aggregate] = segment
    end
    local m = table.concat({event[3], aggregate, integer(version), id, integer(place - 1), integer(now)}, '\t')
    if event[4] ~= '' then m = m .. '\t' .. event[4] end
    redis.call('XADD', LOG, integer(n) .. '-0', 't', event[2], 'm', m, 'b', event[5])
    seq = n
    changed[aggregate] = table.concat({integer(version), rest, ';', id, '@', integer(segment[1]), '+', integer(segment[2])})
    if event[6] > 0 then
      redis.call('XADD', KEYS[event[6]], '*', '__data__', message(n, unit, event, event[3], version))
    end
  end
  local flat = {}
  for aggregate, field in pairs(changed) do
    flat[#flat + 1] = aggregate
    flat[#flat + 1] = field
  end
  if unit[12] then
    local found = redis.call('HGET', index, '!')
    local version = found and tonumber(found:match('^%d+')) or 0
    flat[#flat + 1] = '!'
    flat[#flat + 1] = integer(version + 1) .. ';' .. id .. ';' .. unit[12]
  end
  if #flat > 0 then redis.call('HSET', index, unpack(flat)) end
  if unit[13] ~= 0 then redis.call('HINCRBY', index, '~', unit[13]) end
  for _, step in ipairs(unit[9] or NONE) do step_counter(KEYS[unit[3]], step) end
  if unit[10] then
    redis.call('HSET', POSITIONS, unit[10][1], integer(unit[10][2]) .. ';' .. integer(unit[10][3]))
  end
  for _, ack in ipairs(unit[11] or NONE) do
    redis.call('XACK', KEYS[ack[1]], 'workers', ack[2])
    redis.call('XDEL', KEYS[ack[1]], ack[2])
  end
  return {'ok', integer(first), #events, integer(now), 0}
end

local outcomes = {'done', integer(epoch), integer(now), meta[10] or '0'}
if call[4] then -- each is told what stands in the way of one of them
  for _, unit in ipairs(call[3]) do
    local outcome = check(unit, {})
    if outcome and outcome[1] ~= 'ok' then
      for place = 1, #call[3] do outcomes[place + 4] = outcome end
      return outcomes
    end
  end
end
for _, unit in ipairs(call[3]) do
  local fields = {}
  local outcome = check(unit, fields)
  if not outcome then
    local before = seq
    local fine, result = pcall(write, unit, fields)
    if fine then
      outcome = result
    elseif seq == before and tostring(result.err or result):find('OOM', 1, true) then
      outcome = {'pressure', 100} -- memory is only refused at a script's first write: nothing was written
    else
      outcome, halted = {'failed', tostring(result.err or result)}, true
      seq = call[4] and started or before -- the healer takes back what is beyond
    end
  end
  outcomes[#outcomes + 1] = outcome
  if halted then break end
end
if seq > started then redis.call('HSET', META, 'n', integer(seq), 'time', integer(now)) end
if halted then redis.pcall('HSET', META, 'state', 'halted') end
return outcomes
