-- Shared by the scripts that write votes: keeps the newest verdicts of a ballot where processes read them.
local BALLOT, NEWEST = 25, 16

local function count_votes(wide, votes, ballot)
  local members = redis.call('ZREVRANGEBYLEX', wide, '[' .. ballot .. '\255', '[' .. ballot, 'LIMIT', 0, NEWEST)
  if #members == 0 then return redis.call('HDEL', votes, ballot) end
  local row, zero = { string.char(#members) }, nil
  for i = #members, 1, -1 do
    zero = string.find(members[i], '\0', BALLOT + 9, true)
    row[#row + 1] = string.sub(members[i], BALLOT + 1, BALLOT + 8) .. string.sub(members[i], zero + 1, zero + 1)
  end
  row[#row + 1] = string.sub(members[1], zero + 2)
  redis.call('HSET', votes, ballot, table.concat(row))
end

