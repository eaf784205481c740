-- shared: count_votes
-- shared: uncount
-- Takes events of a load out of their contact's log, ledgers, votes and counts, as if they had never come.
-- KEYS: log, outcomes, verdicts, set of contacts with events, wide, votes, then counts of days.
-- ARGV: the load, digest of the contact, then for each event: digest, place of its day among the days (0 where it is not
-- counted), product and kind as the day counts them, its vote's member ('' where it is none).
-- Returns how many went; events of other loads stay.
local DAYS, gone, count = 6, {}, 0
for i = 3, #ARGV, 4 do
  local entry = redis.call('HGET', KEYS[1], ARGV[i])
  local found = entry and cjson.decode(entry)
  if found and found[5].i == ARGV[1] then
    redis.call('HDEL', KEYS[1], ARGV[i])
    count = count + 1
    if found[2] ~= 0 then -- one that was retracted is in no ledger
      gone[ARGV[i]] = true
      local day, field, vote = tonumber(ARGV[i + 1]), ARGV[i + 2], ARGV[i + 3]
      if day > 0 then uncount(KEYS[DAYS + day], field) end
      if vote ~= '' then
        redis.call('ZREM', KEYS[5], vote)
        count_votes(KEYS[5], KEYS[6], string.sub(vote, 1, BALLOT))
      end
    end
  end
end
if next(gone) then
  for key, size in pairs({ [2] = 40, [3] = 48 }) do
    local records, kept = redis.call('GET', KEYS[key]) or '', {}
    for place = 1, #records, size do
      if not gone[string.sub(records, place + 8, place + 15)] then
        kept[#kept + 1] = string.sub(records, place, place + size - 1)
      end
    end
    if #kept == 0 then
      redis.call('DEL', KEYS[key])
    elseif #kept * size < #records then
      redis.call('SET', KEYS[key], table.concat(kept))
    end
  end
end
if redis.call('EXISTS', KEYS[1], KEYS[2], KEYS[3]) == 0 then redis.call('SREM', KEYS[4], ARGV[2]) end
return count
