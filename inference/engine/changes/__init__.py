"""How two dates are compared: what is corrected first, the measures of change, what is made of them."""
