-- What Argo CD shows for an Instrumentation: the status that otel-retrofit writes.
local found = {}
for _, one in ipairs((obj.status or {}).conditions or {}) do
  found[one.type] = one
end

local function isTrue(kind)
  return found[kind] ~= nil and found[kind].status == "True"
end

local function answer(health, kind, otherwise)
  local message = (found[kind] or {}).message
  if message == nil or message == "" then message = otherwise end
  return { status = health, message = message }
end

if next(found) == nil then
  return answer("Progressing", nil, "not looked at by otel-retrofit yet")
end
local seen = obj.status.observedGeneration
if seen ~= nil and seen ~= obj.metadata.generation then
  return answer("Progressing", nil, "the latest change was not looked at yet")
end
if isTrue("Stalled") then return answer("Degraded", "Stalled", "needs a change in Git") end
if isTrue("Reconciling") then return answer("Progressing", "Reconciling", "under way") end
if isTrue("Ready") then return answer("Healthy", "Ready", "served by the webhook") end
return answer("Progressing", "Ready", "not served yet")
