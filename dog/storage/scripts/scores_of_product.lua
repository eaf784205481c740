-- Cuts the packed scores of contacts to those of one product each.
-- KEYS: a hash of scores for each model. ARGV: numbers of the products (4 bytes each), digests of their contacts.
-- Answers one string a model, 16 bytes a contact: the time of its scores, one record. An array that has other products
-- only is cut to its first record, which says that the contact has scores; a contact without scores has bytes of 255.
-- `dog/storage/packed_scores.py` has the forms of arrays.
local HEAD, BESIDE_HEAD, RECORD, SCORE, FORM_PLACE = 8, 12, 8, 4, 8
local MISSING = string.rep('\255', HEAD + RECORD)
local sub, byte, unpacked = string.sub, string.byte, struct.unpack
local contacts, wanted = { unpack(ARGV, 2) }, {}
for c = 1, #contacts do wanted[c] = unpacked('<I4', ARGV[1], 4 * c - 3) end

-- Returns the place, from 0, of a number among ascending ones of some bytes each. It is at most the number itself: most
-- arrays have all products, and it is there.
local function find(packed, number, begin, step, kind, count)
  local low, high = 0, count - 1
  local place = number < high and number or high
  while low <= high do
    local found = unpacked(kind, packed, begin + place * step)
    if found == number then return place end
    if found < number then low = place + 1 else high = place - 1 end
    place = math.floor((low + high) / 2)
  end
end

-- Returns the score of a product.
local function score_of(packed, product)
  local form = byte(packed, FORM_PLACE)
  if form == 0 then
    local place = find(packed, product, HEAD + 1, RECORD, '<I4', (#packed - HEAD) / RECORD)
    return place and sub(packed, HEAD + place * RECORD + SCORE + 1, HEAD + (place + 1) * RECORD)
  end
  local size = form - 1
  local count = math.floor((#packed - BESIDE_HEAD) / (SCORE + size)) -- zeros may follow
  local distance = product - unpacked('<I4', packed, HEAD + 1)
  local place = distance
  if size > 0 and distance >= 0 then
    place = find(packed, distance, BESIDE_HEAD + SCORE * count + 1, size, '<I' .. size, count)
  end
  if not place or place < 0 or place >= count then return nil end
  return sub(packed, BESIDE_HEAD + place * SCORE + 1, BESIDE_HEAD + (place + 1) * SCORE)
end

local answers = {}
for k, key in ipairs(KEYS) do
  local cut = {}
  for c, packed in ipairs(redis.call('HMGET', key, unpack(contacts))) do
    local answer = MISSING
    if packed and #packed > HEAD then
      local score = score_of(packed, wanted[c])
      answer = sub(packed, 1, HEAD - 1) .. '\0'
      if score then
        answer = answer .. sub(ARGV[1], 4 * c - 3, 4 * c) .. score
      else
        answer = answer .. sub(packed, HEAD + 1, HEAD + RECORD)
      end
    end
    cut[c] = answer
  end
  answers[k] = table.concat(cut)
end
return answers
