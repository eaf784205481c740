-- Keeps served decisions and counts their laps, each decision once.
-- KEYS: for each decision its own key.   ARGV: expiry in seconds, then the decisions.
-- Returns for each: 1 kept, 0 kept before.
local answers = {}
for i = 1, #KEYS do
  answers[i] = redis.call('SET', KEYS[i], ARGV[i + 1], 'NX', 'EX', ARGV[1]) and 1 or 0
end
return answers
