-- Records what is known of a model's scores: their dates, when the model was trained, how often they changed.
-- KEYS: model_dates, head.   ARGV: model, as_of ('' where no score changed), trained_until ('' leaves what is known,
-- '-' forgets it), 'stated' where the cut-off is a correction (it may be earlier than the known one), direction (the same),
-- id of the load ('' outside of one): what it says again and again is one change.
-- Two cut-offs between which no multiplier version was published belong to one load: the newer replaces the older.
local KEPT = 60
local found = redis.call('HGET', KEYS[1], ARGV[1])
local dates = found and cjson.decode(found) or { changes = 0 }
local version = redis.call('HGET', KEYS[2], 'multipliers') or ''

local function note(list, at)
  list = list or {}
  local last = list[#list]
  if last and last[1] >= at then return list end
  if last and last[2] == version then last[1] = at else list[#list + 1] = { at, version } end
  if #list > KEPT then table.remove(list, 1) end
  return list
end

if ARGV[2] ~= '' then
  if ARGV[6] == '' or dates.load_id ~= ARGV[6] then dates.changes = dates.changes + 1 end
  if ARGV[6] ~= '' then dates.load_id = ARGV[6] end
  dates.as_of_ms = math.max(dates.as_of_ms or 0, tonumber(ARGV[2]))
end
if ARGV[3] == '-' then
  dates.trainings = nil
elseif ARGV[3] ~= '' then
  local at, kept = tonumber(ARGV[3]), dates.trainings or {}
  while ARGV[4] == 'stated' and #kept > 0 and kept[#kept][1] >= at do table.remove(kept) end
  dates.trainings = note(kept, at)
end
if ARGV[5] == '-' then dates.direction = nil elseif ARGV[5] ~= '' then dates.direction = ARGV[5] end
local encoded = cjson.encode(dates)
if encoded ~= found then
  redis.call('HSET', KEYS[1], ARGV[1], encoded)
  redis.call('HINCRBY', KEYS[2], 'models', 1)
end
return dates.changes
