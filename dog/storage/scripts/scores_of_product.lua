-- Cuts the packed scores of contacts to those of one product; answers as one HMGET a key would.
-- KEYS: a hash of scores for each model. ARGV: number of the product, digests of the contacts.
-- An array that has other products only is cut to its first record, which says that the contact has scores.
local HEAD, RECORD = 8, 8
local product = tonumber(ARGV[1])
local wanted = struct.pack('<I4', product)
local contacts = { unpack(ARGV, 2) }

local function find(packed, guess)
  if string.sub(packed, guess, guess + 3) == wanted then
    return guess
  end
  local low, high = 0, (#packed - HEAD) / RECORD - 1
  while low <= high do
    local middle = math.floor((low + high) / 2)
    local at = HEAD + 1 + middle * RECORD
    local number = struct.unpack('<I4', packed, at)
    if number == product then
      return at
    elseif number < product then
      low = middle + 1
    else
      high = middle - 1
    end
  end
end

local answers = {}
for k, key in ipairs(KEYS) do
  local arrays = redis.call('HMGET', key, unpack(contacts))
  local at = HEAD + 1
  for c, packed in ipairs(arrays) do
    if packed and #packed > HEAD + RECORD then
      local found = find(packed, at)
      at = found or at
      local first = found or HEAD + 1
      arrays[c] = string.sub(packed, 1, HEAD) .. string.sub(packed, first, first + RECORD - 1)
    end
  end
  answers[k] = arrays
end
return answers
