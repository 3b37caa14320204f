-- A definition that is no longer the approved one is a detection that the control plane itself writes, in the transaction
-- that writes the definition down.
grant insert on injection_detections to gatewayops_app;
