-- Cuts the packed scores of contacts to those of one product each.
-- KEYS: a hash of scores for each model. ARGV: numbers of the products (4 bytes each), digests of their contacts.
-- Answers one string a model, 16 bytes a contact: the time of its scores, one record. An array that has other products
-- only is cut to its first record, which says that the contact has scores; a contact without scores has bytes of 255.
local HEAD, RECORD = 8, 8
local MISSING = string.rep('\255', HEAD + RECORD)
local sub, unpacked = string.sub, struct.unpack
local contacts, wanted = { unpack(ARGV, 2) }, {}
for c = 1, #contacts do wanted[c] = unpacked('<I4', ARGV[1], 4 * c - 3) end

-- Returns where the record of a product begins. Records ascend, so its place is its number at most: most arrays have all
-- products, and it is there.
local function find(packed, product)
  local low, high = 0, (#packed - HEAD) / RECORD - 1
  local place = product < high and product or high
  while low <= high do
    local at = HEAD + 1 + place * RECORD
    local number = unpacked('<I4', packed, at)
    if number == product then return at end
    if number < product then low = place + 1 else high = place - 1 end
    place = math.floor((low + high) / 2)
  end
end

local answers = {}
for k, key in ipairs(KEYS) do
  local cut = {}
  for c, packed in ipairs(redis.call('HMGET', key, unpack(contacts))) do
    local head, record = MISSING, ''
    if packed and #packed > HEAD then
      local at = find(packed, wanted[c]) or HEAD + 1
      head, record = sub(packed, 1, HEAD), sub(packed, at, at + RECORD - 1)
    end
    cut[2 * c - 1], cut[2 * c] = head, record
  end
  answers[k] = table.concat(cut)
end
return answers
