-- What a journal notes of a row: 16 digits of the SHA-1 of what the load wrote last; '+' and the row from before the load
-- follow, or '-' where there was none. `noted` is what the journal has of it already.
local function note_row(noted, old, value)
  local before = noted and string.sub(noted, 17) or (old and '+' .. old or '-')
  return string.sub(redis.sha1hex(value), 1, 16) .. before
end

