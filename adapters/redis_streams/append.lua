-- Appends units to one partition. Each unit is checked whole before its own first write: Lua has no rollback.
-- KEYS: meta, log, positions, then every index, counter and queue key that a unit names by its place in KEYS.
-- ARGV[1]: msgpack of one flat list (a table for each part would cost more than all its values):
--   layout, repeated (a unit may have been applied before), together (all or none, and none touches what another does),
--   number of units; then the units, one after another. A unit is
--   append id, index key, run, absent at, admission, claims, control or false, guard version or false, guard append id,
--   budget {counter key, {{kind, dimension, holder, amount}}} or false,
--   advance {reactor, to n, to epoch, expected n or -1} or false,
--   how many there are of fields, of aggregates it writes, of expects, events, spans and acks; then
--   fields: names in the index, by whose place the unit says which aggregate it means: those it writes, the first event's
--     first, then others it expects something of, then '!' and '~'; none when it neither writes nor expects;
--   expects: aggregate, version, append id;
--   events: aggregate, how many of the unit's events it has with this one, type, effects (after a tab), body, queue key or 0;
--   spans of events of one aggregate that follow each other: aggregate, place of the first in the unit from 1, length;
--   acks: queue key, message id.
-- Returns {word, ...} for the whole call, or {"done", epoch, time, archived, outcome, ...}; an outcome is the first position
-- of a unit that was appended now, or {word, ...}.
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

local function integer(value) return string.format('%d', value) end

local epoch = tonumber(meta[3])
local seq = tonumber(meta[6])
local dropped = tonumber(meta[8] or 0)
local pressure = tonumber(meta[9] or 0)
local clock = redis.call('TIME')
local now = math.max(clock[1] * 1000 + math.floor(clock[2] / 1000), tonumber(meta[7] or 0))
local now_text = integer(now)
local started, halted = seq, false
local NONE = {}

-- The unit at hand, in one table for all: closures over many locals are dear to make.
local unit = {id = '', index = '', run = '', absent_at = 0, admission = 0, claims = 0, control = '', guard = 0, guard_id = '',
  budget = NONE, advance = NONE, fields = 0, written = 0, expects = 0, events = 0,
  fields_at = 0, expects_at = 0, events_at = 0, spans_at = 0, acks_at = 0, next_at = 0}
local found -- the values of its fields; by their place, what those of aggregates say:
local versions, writers, segments = {}, {}, {}

-- Takes up the unit that begins at a place of the call; returns where the next one begins.
local function take(at)
  local spans, acks
  unit.id, unit.index, unit.run, unit.absent_at, unit.admission, unit.claims, unit.control, unit.guard, unit.guard_id,
    unit.budget, unit.advance, unit.fields, unit.written, unit.expects, unit.events, spans, acks = unpack(call, at, at + 16)
  unit.fields_at = at + 17
  unit.expects_at = unit.fields_at + unit.fields
  unit.events_at = unit.expects_at + 3 * unit.expects
  unit.spans_at = unit.events_at + 6 * unit.events
  unit.acks_at = unit.spans_at + 3 * spans
  unit.next_at = unit.acks_at + 2 * acks
  return unit.next_at
end

-- The position where the unit at hand began, if it is there already: its first event's aggregate says so.
local function own()
  local field = unit.events > 0 and found[1]
  if not field then return nil end
  local from, to = field:find(';' .. unit.id .. '@', 1, true)
  if not from then return nil end
  return tonumber(field:match('^%d+', to + 1))
end

-- The first outcome again of a unit that began there.
local function repeated(first)
  local entries = redis.call('XRANGE', LOG, integer(first) .. '-0', integer(first) .. '-0')
  local time = #entries > 0 and entries[1][2][4]:match('^[^\t]*\t[^\t]*\t[^\t]*\t[^\t]*\t[^\t]*\t(%d+)') or 0
  return {'ok', first, unit.events, tonumber(time)}
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

-- nil when the unit at hand may be written, else its outcome.
local function check()
  local fields, index = unit.fields, KEYS[unit.index]
  if unit.absent_at < dropped and fields > 0 and redis.call('EXISTS', index) == 0 then return {'cold'} end
  found = fields > 0 and redis.call('HMGET', index, unpack(call, unit.fields_at, unit.expects_at - 1)) or NONE
  for aggregate = 1, fields - 2 do
    local version = 0
    segments[aggregate], writers[aggregate] = '', ''
    if found[aggregate] then
      version, segments[aggregate], writers[aggregate] = found[aggregate]:match('^(%d+)(.*;([^;@]+)@.*)$')
    end
    versions[aggregate] = tonumber(version)
  end
  local anchored = false -- an expectation of the first event's aggregate fails when the unit is there already
  for at = unit.expects_at, unit.events_at - 1, 3 do anchored = anchored or call[at] == 1 end
  if not anchored then
    local first = own()
    if first then return repeated(first) end
  end
  for at = unit.expects_at, unit.events_at - 1, 3 do
    local aggregate = call[at]
    if versions[aggregate] ~= call[at + 1] or writers[aggregate] ~= call[at + 2] then
      local first = own()
      if first then return repeated(first) end
      return {'conflict', call[unit.fields_at + aggregate - 1], versions[aggregate], writers[aggregate]}
    end
  end
  if unit.guard then
    local version, writer, state = '0', '', ''
    local restricted = found[fields - 1]
    if restricted then version, writer, state = restricted:match('^(%d+);([^;]*);(.*)$') end
    if tonumber(version) ~= unit.guard or writer ~= unit.guard_id then
      return {'guarded', tonumber(version), writer, state}
    end
  end
  if unit.admission > 0 and pressure >= unit.admission then return {'pressure', pressure} end
  local exhausted = unit.budget and exceeded(KEYS[unit.budget[1]], unit.budget[2])
  if exhausted then return exhausted end
  if unit.advance then
    local reactor, to_n, to_epoch, expected = unpack(unit.advance)
    local n, at = (redis.call('HGET', POSITIONS, reactor) or '0;0'):match('^(%d+);(%d+)$')
    n, at = tonumber(n), tonumber(at)
    local fits = expected < 0 and n < to_n or expected >= 0 and n == expected
    if call[2] and unit.events == 0 then fits = fits or n == to_n and at == to_epoch end -- it was there before, and left no trace to look for
    if to_epoch ~= epoch or not fits then return {'misplaced', reactor, n, at} end
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

-- What an event sends to its work queue.
local function message(n, aggregate, version, kind, body)
  return '{"n":' .. n .. ',"run":' .. cjson.encode(unit.run) .. ',"aggregate":' .. cjson.encode(aggregate)
    .. ',"version":' .. version .. ',"append":"' .. unit.id .. '","type":"' .. kind .. '","event":' .. body .. '}'
end

-- Writes the unit at hand, which was checked; returns its outcome. Positions, versions and segments are given out here.
local function write()
  local before, id, names = seq, unit.id, unit.fields_at - 1
  for place = 0, unit.events - 1 do
    local at = unit.events_at + 6 * place
    local aggregate, nth, kind, effects, body, queue = unpack(call, at, at + 5)
    local name, version, n = call[names + aggregate], integer(versions[aggregate] + nth), integer(seq + 1)
    local m = unit.run .. '\t' .. name .. '\t' .. version .. '\t' .. id .. '\t' .. integer(place) .. '\t' .. now_text .. effects
    redis.call('XADD', LOG, n .. '-0', 't', kind, 'm', m, 'b', body)
    seq = seq + 1
    if queue > 0 then
      redis.call('XADD', KEYS[queue], '*', '__data__', message(n, name, version, kind, body))
    end
  end
  for at = unit.spans_at, unit.acks_at - 1, 3 do
    local aggregate, place, length = call[at], call[at + 1], call[at + 2]
    versions[aggregate] = versions[aggregate] + length
    segments[aggregate] = segments[aggregate] .. ';' .. id .. '@' .. integer(before + place) .. '+' .. integer(length)
  end
  local changed = {}
  for aggregate = 1, unit.written do
    changed[2 * aggregate - 1] = call[names + aggregate]
    changed[2 * aggregate] = integer(versions[aggregate]) .. segments[aggregate]
  end
  if unit.control then
    local restricted = found[unit.fields - 1]
    local version = restricted and tonumber(restricted:match('^%d+')) or 0
    changed[#changed + 1] = '!'
    changed[#changed + 1] = integer(version + 1) .. ';' .. id .. ';' .. unit.control
  end
  if unit.claims ~= 0 then
    changed[#changed + 1] = '~'
    changed[#changed + 1] = integer((found[unit.fields] or 0) + unit.claims)
  end
  if #changed > 0 then redis.call('HSET', KEYS[unit.index], unpack(changed)) end
  for _, step in ipairs(unit.budget and unit.budget[2] or NONE) do step_counter(KEYS[unit.budget[1]], step) end
  if unit.advance then
    redis.call('HSET', POSITIONS, unit.advance[1], integer(unit.advance[2]) .. ';' .. integer(unit.advance[3]))
  end
  for at = unit.acks_at, unit.next_at - 1, 2 do
    redis.call('XACK', KEYS[call[at]], 'workers', call[at + 1])
    redis.call('XDEL', KEYS[call[at]], call[at + 1])
  end
  return before + 1
end

local outcomes = {'done', epoch, now, meta[10] or '0'}
local units, next_at = call[4], 5
if call[3] then -- each is told what stands in the way of one of them
  for _ = 1, units do
    next_at = take(next_at)
    local outcome = check()
    if outcome and outcome[1] ~= 'ok' then
      for place = 1, units do outcomes[place + 4] = outcome end
      return outcomes
    end
  end
  next_at = 5
end
for place = 1, units do
  next_at = take(next_at)
  local outcome = check()
  if not outcome then
    local before = seq
    local fine, result = pcall(write)
    if fine then
      outcome = result
    elseif seq == before and tostring(result.err or result):find('OOM', 1, true) then
      outcome = {'pressure', 100} -- memory is only refused at a script's first write: nothing was written
    else
      outcome, halted = {'failed', tostring(result.err or result)}, true
      seq = call[3] and started or before -- the healer takes back what is beyond
    end
  end
  outcomes[place + 4] = outcome
  if halted then break end
end
if seq > started then redis.call('HSET', META, 'n', integer(seq), 'time', now_text) end
if halted then redis.pcall('HSET', META, 'state', 'halted') end
return outcomes
