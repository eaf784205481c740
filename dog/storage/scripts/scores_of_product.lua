-- Cuts the packed scores of contacts to those of one product each.
-- KEYS: a hash of scores for each model. ARGV: numbers of the products (4 bytes each), digests of their contacts.
-- Answers one string a model, 16 bytes a contact: the time of its scores, one record. An array that has other products
-- only is cut to its first record, which says that the contact has scores; a contact without scores has bytes of 255.
local HEAD, RECORD = 8, 8
local MISSING = string.rep('\255', HEAD + RECORD)
local contacts = { unpack(ARGV, 2) }

local function find(packed, wanted, guess)
  if string.sub(packed, guess, guess + 3) == wanted then
    return guess
  end
  local product, low, high = struct.unpack('<I4', wanted), 0, (#packed - HEAD) / RECORD - 1
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
  local at, cut = HEAD + 1, {}
  for c, packed in ipairs(redis.call('HMGET', key, unpack(contacts))) do
    local head, record = MISSING, ''
    if packed and #packed > HEAD then
      local found = find(packed, string.sub(ARGV[1], 4 * c - 3, 4 * c), at)
      at = found or at
      local first = found or HEAD + 1
      head, record = string.sub(packed, 1, HEAD), string.sub(packed, first, first + RECORD - 1)
    end
    cut[2 * c - 1], cut[2 * c] = head, record
  end
  answers[k] = table.concat(cut)
end
return answers
