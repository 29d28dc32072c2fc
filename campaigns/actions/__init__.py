"""What people do with campaigns and with what stands in them."""
