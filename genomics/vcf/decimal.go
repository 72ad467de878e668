package vcf

import "bytes"

// tooLarge stands for all numbers from it on. It is above every number that
// is in range.
const tooLarge = int64(1e12)

var powerOfTen = [...]int64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9}

// decimal reads a number as multiples of 10⁻ᵖˡᵃᶜᵉˢ (places is 0 to 9), rounded
// exactly, a half away from zero. It may have a sign, a point and an exponent
// of up to three digits, as in -1.25e-05. The size is without the sign, and
// tooLarge at most.
func decimal(text []byte, places int) (size int64, negative, ok bool) {
	if len(text) == 0 || text[0]-'0' > 9 {
		return anyDecimal(text, places)
	}
	size = int64(text[0] - '0')
	if len(text) == 1 {
		return size * powerOfTen[places], false, true
	}
	if text[1] != '.' {
		return anyDecimal(text, places)
	}
	fraction, half := text[2:], int64(0)
	for i, c := range fraction {
		switch digit := c - '0'; {
		case digit > 9:
			return anyDecimal(text, places)
		case i < places:
			size = 10*size + int64(digit)
		case i == places && digit >= 5:
			half = 1
		}
	}
	return size*powerOfTen[places-min(len(fraction), places)] + half, false, true
}

// anyDecimal is decimal for numbers of every form.
func anyDecimal(text []byte, places int) (size int64, negative, ok bool) {
	text, negative = cutSign(text)
	mantissa, exponent := text, 0
	if e := bytes.IndexAny(text, "eE"); e >= 0 {
		mantissa = text[:e]
		if exponent, ok = parseExponent(text[e+1:]); !ok {
			return 0, false, false
		}
	}
	whole, fraction, _ := bytes.Cut(mantissa, []byte("."))
	if len(whole)+len(fraction) == 0 || !allDigits(whole) || !allDigits(fraction) {
		return 0, false, false
	}
	// digit returns the digit at a place of the mantissa, left to right. There
	// are zeros on both sides of it.
	digit := func(i int) int64 {
		switch {
		case 0 <= i && i < len(whole):
			return int64(whole[i] - '0')
		case len(whole) <= i && i < len(whole)+len(fraction):
			return int64(fraction[i-len(whole)] - '0')
		}
		return 0
	}
	end := len(whole) + exponent + places
	for i := 0; i < end; i++ {
		if size = 10*size + digit(i); size >= tooLarge {
			return tooLarge, negative, true
		}
	}
	if digit(end) >= 5 {
		size++
	}
	return size, negative, true
}

func cutSign(text []byte) (rest []byte, negative bool) {
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		return text[1:], text[0] == '-'
	}
	return text, false
}

func parseExponent(text []byte) (int, bool) {
	text, negative := cutSign(text)
	if len(text) == 0 || len(text) > 3 || !allDigits(text) {
		return 0, false
	}
	exponent := 0
	for _, c := range text {
		exponent = 10*exponent + int(c-'0')
	}
	if negative {
		exponent = -exponent
	}
	return exponent, true
}

func allDigits(text []byte) bool {
	for _, c := range text {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
