-- shared: count_votes
-- Makes votes agree with the log: adds one whose event the log has, removes one whose event it lacks or that was taken
-- back. For each vote a digest of its event and its member; a digest of length 0 removes it in any case.
-- KEYS: wide, votes, then the log of each vote's contact.   ARGV: digest and member, one pair a vote.
local wide, votes = KEYS[1], KEYS[2]
for i = 1, #ARGV, 2 do
  local entry = ARGV[i] ~= '' and redis.call('HGET', KEYS[2 + (i + 1) / 2], ARGV[i])
  local member = ARGV[i + 1]
  if entry and cjson.decode(entry)[2] ~= 0 then
    redis.call('ZADD', wide, 0, member)
  else
    redis.call('ZREM', wide, member)
  end
  count_votes(wide, votes, string.sub(member, 1, BALLOT))
end
