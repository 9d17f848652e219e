-- A delivery is found by its id without an index, which every delivery would have to write: ids ascend as places do.
DROP INDEX deliveries_by_delivery;
