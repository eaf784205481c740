-- Keeps served decisions, each once.
-- KEYS: for each decision its own key, and its bucket of the index of archived decisions.
-- ARGV: expiry in seconds, then for each decision its field of the index, the decision.
-- Returns for each: 1 kept, 0 kept before.
local answers = {}
for i = 1, #KEYS / 2 do
  local filed = redis.call('HEXISTS', KEYS[2 * i], ARGV[2 * i]) == 1
  answers[i] = not filed and redis.call('SET', KEYS[2 * i - 1], ARGV[2 * i + 1], 'NX', 'EX', ARGV[1]) and 1 or 0
end
return answers
